import { availableParallelism } from "node:os";

import { ModelError, modelKinds, SPLIT_SCHEMES, type SplitScheme } from "@signalpath/models";
import { SingleBar } from "cli-progress";
import { Option, type Command } from "commander";

import { seedNumber, wholeNumber } from "../arguments.ts";
import { CliError, EXIT, usageError } from "../exit-codes.ts";
import { printJson, type Io } from "../io.ts";
import type { GlobalOptions } from "../settings.ts";
import { entrantsOf } from "./entrants.ts";
import { evaluate, refuseUnknown } from "./evaluate.ts";
import { assertWritable, writePage } from "./html-file.ts";
import { evaluationPage } from "./html/evaluation-page.ts";
import { pipelinePage } from "./html/pipeline-page.ts";
import { evaluatePipeline } from "./pipeline/evaluate-pipeline.ts";
import { printPipeline } from "./pipeline/report.ts";
import { readRows } from "./read-rows.ts";
import { printEvaluation } from "./report.ts";

interface Flags {
  split: SplitScheme;
  kinds?: string;
  candidate: string[];
  tune: number;
  folds: number;
  seed: number;
  weights: "file" | "flat";
  threads: number;
  memory: number;
  html?: string;
  pipeline?: boolean;
  steps?: number;
}

/** What `--pipeline` trains unless it is told otherwise. */
const LIVE_MODEL = 'ease{"half_life_items":5}';

/** `signalpath evaluate <file|folder>` */
export function evaluateCommand(program: Command, io: Io): void {
  program
    .command("evaluate")
    .description("compare kinds of models on a file of interactions; no service is needed")
    .argument("<path>", "csv, tsv, json or jsonl (.gz too), or a MovieLens folder")
    .addOption(
      new Option("--split <name>", "how rows are held out").choices(SPLIT_SCHEMES).default("time"),
    )
    .option("--kinds <list>", `of ${Object.keys(modelKinds).join(",")}; all when absent`)
    .option(
      "--candidate <kind{json}>",
      'a kind with parameters, as ease{"lambda":100}; as often as there are some',
      (one: string, before: string[]) => [...before, one],
      [],
    )
    .option("--tune <trials>", "parameters to try for each, on validation", wholeNumber(0), 0)
    .option("--folds <n>", "validation parts the last of them are judged by", wholeNumber(1), 1)
    .option("--seed <n>", "of every random number", seedNumber, 1)
    .addOption(
      new Option("--weights <which>", "weights of the file, or every row 1")
        .choices(["file", "flat"])
        .default("file"),
    )
    .option("--threads <n>", "threads that compute", wholeNumber(1), availableParallelism())
    .option("--memory <MB>", "most that a training may allocate", wholeNumber(64), 4_096)
    .option("--html <file>", "write the report as a page that needs nothing else")
    .option("--pipeline", "instead: events through ingest, and the lists of a system with a model")
    .option("--steps <n>", "newest events that --pipeline asks about, one by one", wholeNumber(1))
    .action(async (path: string, flags: Flags, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      if (flags.html !== undefined) await assertWritable(flags.html);
      if (flags.pipeline === true) await throughPipeline(io, path, flags, globals);
      else await onFile(io, path, flags, globals);
    });
}

async function onFile(io: Io, path: string, flags: Flags, globals: GlobalOptions): Promise<void> {
  const kinds = flags.kinds?.split(",") ?? (flags.candidate.length > 0 ? [] : allKinds());
  const entrants = entrantsOf([...kinds, ...flags.candidate]);
  if (entrants.length === 0) throw usageError("nothing to compare: give --kinds or --candidate");
  refuseUnknown(entrants);
  const report = await watched(io, globals, async (onStep) =>
    evaluate(await readRows(path), {
      entrants,
      split: flags.split,
      trials: flags.tune,
      folds: flags.folds,
      flat: flags.weights === "flat",
      seed: flags.seed,
      threads: flags.threads,
      memoryLimitBytes: flags.memory * 2 ** 20,
      signal: io.signal,
      now: io.now,
      onStep,
    }),
  );
  if (globals.json === true) printJson(io, report);
  else printEvaluation(io, report);
  if (flags.html !== undefined) await writePage(flags.html, evaluationPage(report));
}

async function throughPipeline(
  io: Io,
  path: string,
  flags: Flags,
  globals: GlobalOptions,
): Promise<void> {
  const { steps, seed, threads, memory, candidate } = flags;
  const [entrant, other] = entrantsOf(candidate.length === 0 ? [LIVE_MODEL] : candidate);
  if (entrant === undefined || other !== undefined) {
    throw usageError("--pipeline takes one --candidate");
  }
  refuseUnknown([entrant]);
  const report = await watched(io, globals, async (onStep) =>
    evaluatePipeline(io, globals, await readRows(path), {
      folder: path,
      entrant,
      seed,
      threads,
      memoryLimitBytes: memory * 2 ** 20,
      onStep: io.interactive ? onStep : told(io),
      ...(steps === undefined ? {} : { steps }),
    }),
  );
  if (globals.json === true) printJson(io, report);
  else printPipeline(io, report);
  if (flags.html !== undefined) await writePage(flags.html, pipelinePage(report));
}

/** A line whenever something else begins, for who reads a log of minutes. */
function told(io: Io): (done: number, of: number, what: string) => void {
  let last = "";
  return (_done, _of, what) => {
    if (what !== last) io.err(`${what}\n`);
    last = what;
  };
}

function allKinds(): string[] {
  return Object.keys(modelKinds);
}

/** Runs with a bar for who watches; what cannot be done becomes one line. */
async function watched<T>(
  io: Io,
  { json }: GlobalOptions,
  run: (onStep: (done: number, of: number, what: string) => void) => Promise<T>,
): Promise<T> {
  const isShown = io.interactive && json !== true;
  const format = "{bar} {percentage} % {what}";
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true });
  try {
    if (isShown) bar.start(1, 0, { what: "" });
    return await run((done, of, what) => {
      if (isShown) bar.update(done / of, { what });
    });
  } catch (error) {
    if (io.signal.aborted) throw new CliError("INTERRUPTED", "stopped", EXIT.interrupted);
    if (!(error instanceof ModelError)) throw error;
    throw new CliError(error.code, error.message, EXIT.usage, { cause: error });
  } finally {
    bar.stop();
  }
}
