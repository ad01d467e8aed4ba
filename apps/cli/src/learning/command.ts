import { learningEstimates, learningStatus, type LearningStatus } from "@signalpath/contracts";
import { Option, type Command } from "commander";

import { wholeNumber } from "../arguments.ts";
import { printFacts, printJson, printTable, type Io } from "../io.ts";
import { openService } from "../service.ts";
import { artefactCommands } from "./artefact-commands.ts";

const PATH = "/api/v1/learning/";
const MODES = ["static", "bandit", "ltr"] as const;
type Mode = (typeof MODES)[number];

/** `signalpath learning status | evaluate | serve | train | wrap-trees` */
export function learningCommand(program: Command, io: Io): void {
  const learning = program.command("learning").description("what rankings learned from feedback");
  learning
    .command("status")
    .description("health of the learner and which ranking serves")
    .option("--project <id>", "project; the key's when absent", wholeNumber(1))
    .action(async (flags: { project?: number }, command: Command) => {
      const { client, json } = await openService(io, command, "api_key");
      const query = { project: flags.project };
      const how = { method: "GET", path: PATH, query } as const;
      const status = await client.call({ ...how, response: learningStatus });
      if (json) printJson(io, status);
      else show(io, status);
    });
  learning
    .command("evaluate")
    .description("what a ranking would have earned in places left to chance")
    .addOption(new Option("--target <ranking>", "which").choices(MODES).makeOptionMandatory())
    .option("--model <id>", "trained model, with ltr", wholeNumber(1))
    .option("--project <id>", "project; the key's when absent", wholeNumber(1))
    .action(async (flags: { target: Mode; model?: number; project?: number }, command: Command) => {
      const { client, json } = await openService(io, command, "api_key");
      const query = { target: flags.target, model_id: flags.model, project: flags.project };
      const how = { method: "GET", path: `${PATH}evaluate/`, query } as const;
      const found = await client.call({ ...how, response: learningEstimates });
      if (json) return printJson(io, found);
      const { target, slots, effective, promotable, ...estimates } = found;
      printTable(
        io,
        ["estimate", "mean reward", "from", "to"],
        Object.entries(estimates).map(([name, { value, low, high }]) => [
          name.replaceAll("_", " "),
          value.toFixed(4),
          low?.toFixed(4) ?? "-",
          high?.toFixed(4) ?? "-",
        ]),
      );
      const verdict = promotable ? "beats what was logged" : "does not surely beat what was logged";
      io.out(`${target} ${verdict}: ${slots} places, ${effective.toFixed(0)} effective\n`);
    });
  learning
    .command("serve")
    .description("make a ranking serve; a trained one must beat what was logged")
    .argument("<ranking>", MODES.join(", "))
    .option("--model <id>", "trained model of kind content-ltr, with ltr", wholeNumber(1))
    .option("--force", "also without an estimate that beats what was logged; it is recorded")
    .option("--project <id>", "project; the key's when absent", wholeNumber(1))
    .action(
      async (
        mode: string,
        flags: { model?: number; force?: boolean; project?: number },
        command: Command,
      ) => {
        const { client, json } = await openService(io, command, "admin_key");
        const body = { mode, model_id: flags.model, force: flags.force === true };
        const query = { project: flags.project };
        const how = { method: "PUT", path: `${PATH}policy/`, query, body } as const;
        const status = await client.call({ ...how, response: learningStatus });
        if (json) printJson(io, status);
        else show(io, status);
      },
    );
  artefactCommands(learning, io);
}

function show(io: Io, status: LearningStatus): void {
  printFacts(io, [
    ["project", status.project],
    [
      "serves",
      status.model_id === null ? status.mode : `${status.mode} (model ${status.model_id})`,
    ],
    ["forced", status.forced ? "yes" : "no"],
    ["learner", status.status],
    ["impressions", status.updates],
    ["lists", status.decisions],
    ["mean reward", status.mean_reward.toFixed(4)],
  ]);
  printTable(
    io,
    ["scorer", "shift", "deviation", "confidence"],
    status.weights.map(({ scorer, shift, deviation, confidence }) => [
      scorer,
      shift.toFixed(4),
      deviation.toFixed(4),
      confidence.toFixed(2),
    ]),
  );
}
