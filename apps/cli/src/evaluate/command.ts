import { availableParallelism } from "node:os";

import { ModelError, modelKinds } from "@signalpath/models";
import { SingleBar } from "cli-progress";
import { Option, type Command } from "commander";

import { seedNumber, wholeNumber } from "../arguments.ts";
import { CliError, EXIT } from "../exit-codes.ts";
import { printJson, type Io } from "../io.ts";
import type { GlobalOptions } from "../settings.ts";
import { evaluate, type EvaluationReport } from "./evaluate.ts";
import { readRows } from "./read-rows.ts";
import { printEvaluation } from "./report.ts";
import { SPLITS, type SplitName } from "./split.ts";

interface Flags {
  split: SplitName;
  kinds?: string;
  tune: number;
  seed: number;
  weights: "file" | "flat";
  threads: number;
  memory: number;
}

/** `signalpath evaluate <file|folder>` */
export function evaluateCommand(program: Command, io: Io): void {
  program
    .command("evaluate")
    .description("compare kinds of models on a file of interactions; no service is needed")
    .argument("<path>", "csv, tsv, json or jsonl (.gz too), or a MovieLens folder")
    .addOption(
      new Option("--split <name>", "how rows are held out").choices(SPLITS).default("time"),
    )
    .option("--kinds <list>", `of ${Object.keys(modelKinds).join(",")}; all when absent`)
    .option("--tune <trials>", "parameters to try for each kind, on validation", wholeNumber(0), 0)
    .option("--seed <n>", "of every random number", seedNumber, 1)
    .addOption(
      new Option("--weights <which>", "weights of the file, or every row 1")
        .choices(["file", "flat"])
        .default("file"),
    )
    .option("--threads <n>", "threads that compute", wholeNumber(1), availableParallelism())
    .option("--memory <MB>", "most that a training may allocate", wholeNumber(64), 4_096)
    .action(async (path: string, flags: Flags, command: Command) => {
      const json = command.optsWithGlobals<GlobalOptions>().json === true;
      const report = await watched(io, path, flags, { bar: io.interactive && !json });
      if (json) printJson(io, report);
      else printEvaluation(io, report);
    });
}

async function watched(
  io: Io,
  path: string,
  flags: Flags,
  watch: { bar: boolean },
): Promise<EvaluationReport> {
  const format = "{bar} {value}/{total} {what}";
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true });
  try {
    const rows = await readRows(path);
    if (watch.bar) bar.start(1, 0, { what: "" });
    return await evaluate(rows, {
      kinds: flags.kinds?.split(",").map((name) => name.trim()) ?? Object.keys(modelKinds),
      split: flags.split,
      trials: flags.tune,
      flat: flags.weights === "flat",
      seed: flags.seed,
      threads: flags.threads,
      memoryLimitBytes: flags.memory * 2 ** 20,
      signal: io.signal,
      now: io.now,
      onStep: (done, of, what) => {
        if (!watch.bar) return;
        bar.setTotal(of);
        bar.update(done, { what });
      },
    });
  } catch (error) {
    if (io.signal.aborted) throw new CliError("INTERRUPTED", "stopped", EXIT.interrupted);
    if (!(error instanceof ModelError)) throw error;
    throw new CliError(error.code, error.message, EXIT.usage, { cause: error });
  } finally {
    bar.stop();
  }
}
