import { trainedModel, trainedModelBody } from "@signalpath/contracts";
import { EMBEDDING_KIND } from "@signalpath/embeddings";
import { modelKinds } from "@signalpath/models";
import { SingleBar } from "cli-progress";
import { InvalidArgumentError, Option, type Command } from "commander";

import { seedNumber, wholeNumber } from "../arguments.ts";
import type { Client } from "../client.ts";
import { CliError, EXIT } from "../exit-codes.ts";
import { printJson, type Io } from "../io.ts";
import { openService } from "../service.ts";
import { followRun, type Followed } from "./follow-run.ts";
import { printRun } from "./report.ts";
import { uploadInteractions } from "./upload.ts";

const MODELS = "/api/v1/trained_model/";
/** Those that can be trained here; the catalogue knows more. */
const KINDS = ["auto", ...Object.keys(modelKinds), EMBEDDING_KIND];
const SPLITS = trainedModelBody.shape.split.unwrap().options;
const PROMOTIONS = trainedModelBody.shape.promotion.unwrap().options;

interface Flags {
  data: string;
  kind?: string;
  model?: number;
  name?: string;
  parameters?: Record<string, unknown>;
  seed?: number;
  split?: string;
  promotion?: string;
  tune?: number;
  tuneSeconds?: number;
  project?: number;
  detach?: boolean;
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('a JSON object is needed, as {"lambda": 200}');
}

/** `signalpath train` */
export function trainCommand(program: Command, io: Io, fail: (exitCode: number) => void): void {
  program
    .command("train")
    .description("train a model, or the next version of one, and follow it to its end")
    .requiredOption("--data <what>", "id of an upload, a file or folder to upload, or archive")
    .addOption(new Option("--kind <kind>", "auto when absent").choices(KINDS))
    .option("--model <id>", "train its next version; a new model when absent", wholeNumber(1))
    .option("--name <name>", "of a new model")
    .option("--parameters <json>", "of the kind", jsonObject)
    .option("--seed <n>", "of every random number", seedNumber)
    .addOption(new Option("--split <split>", "how rows are held out").choices(SPLITS))
    .addOption(new Option("--promotion <how>", "when it serves").choices(PROMOTIONS))
    .option("--tune <trials>", "parameters to try on validation", wholeNumber(1))
    .option("--tune-seconds <s>", "most time to spend on that", wholeNumber(1))
    .option("--project <id>", "project", wholeNumber(1))
    .option("--detach", "do not wait for the end")
    .action(async (flags: Flags, command: Command) => {
      const { client, settings, json } = await openService(io, command, "admin_key");
      const project = flags.project ?? settings.projectId;
      const wish = wishOf(flags, await dataOf(client, flags.data, project));
      const model = await request(client, flags, wish, project);
      const runId = model.training_run;
      if (flags.detach === true || runId === null) {
        if (json) return printJson(io, model);
        return io.out(`model ${model.id}: training run ${runId ?? "-"} waits for a trainer\n`);
      }
      const followed = await watched(io, client, runId, io.interactive && !json);
      if (json) printJson(io, followed.run);
      else tell(io, followed);
      if (!followed.ended) fail(EXIT.interrupted);
      else if (io.signal.aborted && followed.run.status === "CANCELLED") fail(EXIT.interrupted);
      else if (followed.run.status !== "COMPLETED") fail(EXIT.incomplete);
    });
}

/** What is trained on, as the service takes it; a file is uploaded first. */
async function dataOf(client: Client, data: string, project: number) {
  if (data === "archive") return { source: "archive" };
  if (/^\d+$/.test(data)) return { training_data: Number(data) };
  const { id } = await uploadInteractions(client, data, project);
  return { training_data: id };
}

function wishOf(flags: Flags, data: Record<string, unknown>): Record<string, unknown> {
  const { kind, parameters, seed, split, promotion, tune: trials, tuneSeconds: seconds } = flags;
  if (seconds !== undefined && trials === undefined) {
    throw new CliError("USAGE", "--tune-seconds needs --tune", EXIT.usage);
  }
  const tune = trials === undefined ? undefined : { trials, seconds };
  // JSON leaves out what is undefined.
  return { ...data, kind, parameters, seed, split, promotion, tune };
}

function request(client: Client, flags: Flags, wish: Record<string, unknown>, project: number) {
  const { model, name } = flags;
  if (model !== undefined && name !== undefined) {
    throw new CliError("USAGE", "--name is for a new model, without --model", EXIT.usage);
  }
  const how = { method: "POST", once: true, response: trainedModel } as const;
  return model === undefined
    ? client.call({ ...how, path: MODELS, body: { ...wish, name, project } })
    : client.call({ ...how, path: `${MODELS}${model}/retrain/`, body: wish });
}

async function watched(io: Io, client: Client, id: number, bar: boolean): Promise<Followed> {
  const format = `run ${id} {bar} {percentage} % {stage}`;
  const shown = new SingleBar({ format, stream: process.stderr, hideCursor: true });
  if (bar) shown.start(100, 0, { stage: "PENDING" });
  try {
    return await followRun(io, client, id, ({ progress, stage, status }) => {
      if (bar) shown.update(Math.round(progress * 100), { stage: stage ?? status });
    });
  } finally {
    shown.stop();
  }
}

function tell(io: Io, { ended, run }: Followed): void {
  if (!ended) return io.err(`training run ${run.id} goes on; signalpath models show tells\n`);
  if (run.status === "COMPLETED") return printRun(io, run);
  if (run.status === "CANCELLED") return io.err(`CANCELLED: training run ${run.id} was ended\n`);
  io.err(`${run.error_code ?? "FAILED"}: training run ${run.id}: ${run.error ?? "no reason"}\n`);
}
