import { SingleBar } from "cli-progress";
import { InvalidArgumentError, type Command } from "commander";

import { wholeNumber } from "../arguments.ts";
import { importMovies } from "../content/movies.ts";
import { EXIT } from "../exit-codes.ts";
import { printFacts, printJson, printTable, type Io } from "../io.ts";
import { readSettings, type GlobalOptions } from "../settings.ts";
import { notAccepted } from "./counts.ts";
import { replay, type ReplayOptions, type ReplayResult, type ReplayWatch } from "./replay.ts";

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError("a number above 0 is needed");
  }
  return value;
}

type Flags = Omit<ReplayOptions, "users" | "giveUpMs" | "resume"> & {
  users?: string;
  resume?: boolean;
  content?: boolean;
  giveUpAfter: number;
};

/** `signalpath replay <file|folder>` */
export function replayCommand(program: Command, io: Io, fail: (exitCode: number) => void): void {
  program
    .command("replay")
    .description("send recorded events (JSONL, or a MovieLens folder) through ingest")
    .argument(
      "<path>",
      "a .jsonl / .ndjson file (may be .gz), a folder of them, or a MovieLens folder",
    )
    .option("--rate <n>", "events a second; flat out when absent", positive)
    .option("--batch <n>", "events a request", wholeNumber(1), 100)
    .option(
      "--concurrency <n>",
      "requests at a time; one person's events stay in order",
      wholeNumber(1),
      4,
    )
    .option("--until <time>", "MovieLens: time of the newest event (ISO 8601), now when absent")
    .option("--resume", "go on where the state file says")
    .option("--state <file>", "state file; <data dir>/replay-<name>-<hash>.json when absent")
    .option("--limit <n>", "stop after this many events of the source", wholeNumber(1))
    .option("--users <ids>", "only these users, comma separated")
    .option("--content", "MovieLens: import movies.csv as catalogue first")
    .option("--give-up-after <seconds>", "how long a service may stay away", positive, 300)
    .action(async (path: string, flags: Flags, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const settings = await readSettings(io, globals);
      const watch = globals.json === true ? {} : watchFor(io);
      const giveUpMs = flags.giveUpAfter * 1_000;
      const content =
        flags.content === true ? await importMovies(io, settings, path, giveUpMs) : undefined;
      if (content !== undefined && globals.json !== true) {
        io.out(`catalogue: ${content.upserted} imported, ${content.unchanged} unchanged\n`);
      }
      const { users, content: _, giveUpAfter: __, ...rest } = flags;
      const options: ReplayOptions = {
        ...rest,
        resume: flags.resume === true,
        giveUpMs,
        ...(users === undefined ? {} : { users: users.split(",").filter((id) => id !== "") }),
      };
      try {
        const result = await replay(io, settings, path, options, watch);
        watch.stop?.();
        if (globals.json === true) printJson(io, summary(result, content));
        else report(io, result);
        if (result.interrupted) fail(EXIT.interrupted);
        else if (notAccepted(result.counts) > 0) fail(EXIT.incomplete);
      } finally {
        watch.stop?.();
      }
    });
}

function watchFor(io: Io): ReplayWatch & { stop?: () => void } {
  const bar = new SingleBar({
    format: "{bar} {percentage}% | {value}/{total} | {speed} | {eta_formatted} left",
    stream: process.stderr,
    hideCursor: null,
    noTTYOutput: false,
  });
  const startedAt = io.now();
  let first = 0;
  return {
    onStart: ({ source, until, from, total }) => {
      first = from;
      if (source.kind === "movielens") io.err(`times end at --until ${until}\n`);
      if (from > 0) io.err(`resuming at ${from} of ${total}\n`);
      if (io.interactive) bar.start(total, from, { speed: "-" });
    },
    onProgress: (done) => {
      const seconds = Math.max(0.001, (io.now() - startedAt) / 1_000);
      if (io.interactive) bar.update(done, { speed: `${Math.round((done - first) / seconds)}/s` });
    },
    onRetry: (reason, pauseMs) => {
      if (!io.interactive) io.err(`${reason}; again in ${(pauseMs / 1_000).toFixed(1)} s\n`);
    },
    stop: () => bar.stop(),
  };
}

function summary(result: ReplayResult, content: unknown): Record<string, unknown> {
  return {
    ...result.counts,
    until: result.until,
    done: result.done,
    total: result.total,
    seconds: result.run.seconds,
    events_per_second: Math.round(result.run.sent / result.run.seconds),
    state: result.statePath,
    interrupted: result.interrupted,
    ...(content === undefined ? {} : { content }),
  };
}

function report(io: Io, result: ReplayResult): void {
  const { codes, ...counts } = result.counts;
  printTable(
    io,
    Object.keys(counts).map((name) => name.replace("_", " ")),
    [Object.values(counts)],
  );
  if (Object.keys(codes).length > 0) printTable(io, ["code", "events"], Object.entries(codes));
  const speed = Math.round(result.run.sent / result.run.seconds);
  printFacts(io, [
    ["this run", `${result.run.sent} events in ${result.run.seconds.toFixed(1)} s, ${speed}/s`],
    ["stored up to", `${result.done} of ${result.total}`],
    ["until", result.until],
    ["state", result.statePath],
  ]);
}
