import { deploymentSlot, pageOf } from "@signalpath/contracts";
import type { Command } from "commander";
import type { z } from "zod";

import { slotWeight, wholeNumber } from "./arguments.ts";
import type { Client } from "./client.ts";
import { CliError, EXIT, usageError } from "./exit-codes.ts";
import { printJson, printTable, type Io } from "./io.ts";
import { openService } from "./service.ts";
import { shortened } from "./terminal-text.ts";

const PATH = "/api/v1/deployment_slot/";
type Slot = z.output<typeof deploymentSlot>;

interface SetFlags {
  project?: number;
  model?: number;
  weight?: number;
  on?: boolean;
  off?: boolean;
}

/** `signalpath slots list | set` */
export function slotsCommand(program: Command, io: Io): void {
  const slots = program.command("slots").description("what predictions of a project come from");
  slots
    .command("list")
    .description("slots of a project")
    .option("--project <id>", "project", wholeNumber(1))
    .action(async (flags: { project?: number }, command: Command) => {
      const { client, settings, json } = await openService(io, command, "admin_key");
      const all = await allSlots(client, flags.project ?? settings.projectId);
      if (json) return printJson(io, { slots: all });
      showSlots(io, all);
    });
  slots
    .command("set")
    .description("change a slot by its name, or make it; what is not given stays")
    .argument("<name>", "name of the slot")
    .option("--model <id>", "model it predicts with; needed for a new one", wholeNumber(1))
    .option("--weight <n>", "share of the people, 0..100", slotWeight)
    .option("--on", "it takes part")
    .option("--off", "it takes no part")
    .option("--project <id>", "project", wholeNumber(1))
    .action(async (name: string, flags: SetFlags, command: Command) => {
      if (flags.on === true && flags.off === true) throw usageError("--on or --off, not both");
      const { client, settings, json } = await openService(io, command, "admin_key");
      const slot = await setSlot(client, name, flags, flags.project ?? settings.projectId);
      if (json) printJson(io, slot);
      else showSlots(io, [slot]);
    });
}

async function setSlot(
  client: Client,
  name: string,
  { model, weight, on, off }: SetFlags,
  project: number,
): Promise<Slot> {
  const named = (await allSlots(client, project)).filter((slot) => slot.name === name);
  const [slot, other] = named;
  if (other !== undefined) {
    throw new CliError("CONFLICT", `${named.length} slots are called ${name}`, EXIT.refused);
  }
  const isSwitched = on === true || off === true;
  const changes = {
    ...(model === undefined ? {} : { trained_model: model }),
    ...(weight === undefined ? {} : { weight }),
    ...(isSwitched ? { is_active: on === true } : {}),
  };
  if (slot !== undefined) {
    const path = `${PATH}${slot.id}/`;
    return client.call({ method: "PATCH", path, body: changes, response: deploymentSlot });
  }
  if (model === undefined) throw usageError(`there is no slot ${name}; a new one needs --model`);
  const body = { project, name, ...changes };
  return client.call({ method: "POST", path: PATH, body, once: true, response: deploymentSlot });
}

async function allSlots(client: Client, project: number): Promise<Slot[]> {
  const slots: Slot[] = [];
  for (let page = 1; ; page++) {
    const query = { project, page, page_size: 100 };
    const response = pageOf(deploymentSlot);
    const answer = await client.call({ method: "GET", path: PATH, query, response });
    slots.push(...answer.results);
    if (answer.next === null || answer.results.length === 0) return slots;
  }
}

function showSlots(io: Io, slots: readonly Slot[]): void {
  printTable(
    io,
    ["id", "name", "project", "model", "weight", "state", "variation"],
    slots.map((slot) => [
      slot.id,
      shortened(slot.name, 24),
      slot.project,
      slot.trained_model,
      slot.weight,
      slot.is_shadow ? "shadow" : slot.is_active ? "on" : "off",
      slot.variation_index,
    ]),
  );
}
