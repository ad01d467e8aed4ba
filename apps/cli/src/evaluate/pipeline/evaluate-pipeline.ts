import { buildInteractions, divide, evenlySpread, roundMeasure } from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

import { usageError } from "../../exit-codes.ts";
import type { Io } from "../../io.ts";
import { readSettings, type GlobalOptions } from "../../settings.ts";
import type { Entrant } from "../entrants.ts";
import { openSystem } from "./open-system.ts";
import { startStandalone } from "./start-standalone.ts";
import { evaluateTrained, type TrainedReport } from "./trained/evaluate-trained.ts";
import { measured, pairOf, walk, type WalkMeasures } from "./walk.ts";

/** Neighbours are counted once a minute: after the first half a minute and a bit are given them. */
const SETTLE_MS = 75_000;
/** Events that a walk through a named system asks about when nobody says how many. */
const STEPS = 1_000;

export interface PipelineOptions {
  /** Events that a walk asks about; absent: 1,000 of a named system, none of its own. */
  steps?: number;
  /** What a standalone of its own is to train; a named system trains nothing. */
  entrant: Entrant;
  seed: number;
  threads: number;
  memoryLimitBytes: number;
  /** Folder with a catalogue, where the rows came from one. */
  folder?: string;
  onStep: (done: number, of: number, what: string) => void;
}

export interface PipelineReport extends WalkMeasures {
  rows: number;
  users: number;
  items: number;
  /** Address of the system that was measured; null: a standalone of its own. */
  url: string | null;
  /** Questions of the walk; 0: there was none. */
  steps: number;
  people: number;
  seed: number;
  /** Steps whose person's model did not show the last event in time; they count all the same. */
  late: number;
  seconds: number;
  /** Lists of a standalone of its own with a model it has trained; absent for a named system. */
  trained?: TrainedReport;
}

type Timed = TrainingRow & { time: number };

/**
 * A named system: sends rows in the order of time through ingest and asks for a list right before
 * some of them, spread evenly over each person's last fifth: was what came next in it? Without an
 * address a standalone is started, takes in the training part of split B the same way, trains and
 * serves a model, and everybody's list is judged by the held out part; then it is walked through
 * the held out part, where steps were asked for.
 * @throws CliError.
 */
export async function evaluatePipeline(
  io: Io,
  globals: GlobalOptions,
  rows: readonly TrainingRow[],
  options: PipelineOptions,
): Promise<PipelineReport> {
  const timed = orderedByTime(rows);
  const parts = divide(buildInteractions(timed), "B", 0);
  const held = new Set(
    parts.tests.flatMap(({ user, items }) => items.map((item) => pairOf(user, item))),
  );
  if (held.size === 0) throw usageError("nobody has five events: there is nothing to ask about");
  const isHeld = ({ user_id, item_id }: Timed) => held.has(pairOf(user_id, item_id));
  const isGiven =
    (globals.url ??
      io.env["SIGNALPATH_URL"] ??
      globals.dataDir ??
      io.env["SIGNALPATH_DATA_DIR"]) !== undefined;
  const own = isGiven ? undefined : await startStandalone(io);
  try {
    const settings = await readSettings(io, own?.options ?? globals);
    const system = await openSystem(io, settings, timed, options.folder);
    const startedAt = io.now();
    const known = own === undefined ? [] : timed.filter((row) => !isHeld(row));
    const trained =
      own === undefined
        ? undefined
        : await evaluateTrained(
            io,
            { system, settings, dataDir: own.dataDir },
            { rows: known, parts },
            options,
          );
    const count = options.steps ?? (own === undefined ? STEPS : 0);
    const { steps, late } = await walked(
      io,
      system,
      { timed, known, held, isHeld },
      count,
      options,
    );
    return {
      ...countsOf(timed),
      url: own === undefined ? settings.url : null,
      steps: steps.length,
      people: new Set(steps.map(({ user }) => user)).size,
      seed: options.seed,
      late,
      seconds: roundMeasure((io.now() - startedAt) / 1_000),
      ...measured(steps, options.seed),
      ...(trained === undefined ? {} : { trained }),
    };
  } finally {
    await own?.stop();
  }
}

interface Walked {
  timed: readonly Timed[];
  /** Rows that were sent already. */
  known: readonly Timed[];
  held: ReadonlySet<string>;
  isHeld: (row: Timed) => boolean;
}

async function walked(
  io: Io,
  system: Parameters<typeof walk>[1],
  { timed, known, held, isHeld }: Walked,
  count: number,
  { onStep }: PipelineOptions,
): ReturnType<typeof walk> {
  if (count === 0) return { steps: [], late: 0 };
  const asked = new Set(evenlySpread([...held], count));
  const isFresh = known.length === 0;
  const rows = isFresh ? timed : timed.filter(isHeld);
  const settleMs = isFresh ? SETTLE_MS : 0;
  return walk(io, system, { rows, asked, learnt: known }, { onStep, settleMs });
}

function orderedByTime(rows: readonly TrainingRow[]): Timed[] {
  const timed = rows.map((row) => {
    if (row.time === undefined) throw usageError("--pipeline needs a time in every row");
    return { ...row, time: row.time };
  });
  return timed.sort((a, b) => a.time - b.time);
}

function countsOf(rows: readonly Timed[]): Pick<PipelineReport, "rows" | "users" | "items"> {
  return {
    rows: rows.length,
    users: new Set(rows.map(({ user_id }) => user_id)).size,
    items: new Set(rows.map(({ item_id }) => item_id)).size,
  };
}
