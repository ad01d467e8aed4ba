import { groupedInterval, mean, rowsByUser } from "@signalpath/domain";
import {
  buildInteractions,
  createRandom,
  createWalk,
  divide,
  evenlySpread,
  roundMeasure,
  verdictOf,
  type Comparison,
} from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

import { usageError } from "../../exit-codes.ts";
import type { Io } from "../../io.ts";
import { readSettings, type GlobalOptions } from "../../settings.ts";
import { openSystem, type System } from "./open-system.ts";
import { startStandalone } from "./start-standalone.ts";

/** Length of the lists that people are shown. */
const LIST = 10;
/** Neighbours are counted once a minute: after the first half a minute and a bit are given them. */
const SETTLE_MS = 75_000;

export interface PipelineOptions {
  /** Events that are asked about. */
  steps: number;
  seed: number;
  /** Folder with a catalogue, where the rows came from one. */
  folder?: string;
  /** Pause once half of the events are in, milliseconds. */
  settleMs?: number;
  onStep: (done: number, of: number, what: string) => void;
}

interface SystemReport {
  name: string;
  /** `hr@10`, `mrr@10`, `ndcg@10`: of one item, the one that came next. */
  metrics: Record<string, number>;
  /** 95 %, drawn by people. */
  intervals: Record<string, [low: number, high: number]>;
}

export interface PipelineReport {
  rows: number;
  users: number;
  items: number;
  /** Address of the system that was measured; null: a standalone of its own. */
  url: string | null;
  steps: number;
  people: number;
  seed: number;
  /** Steps whose person's model did not show the last event in time; they count all the same. */
  late: number;
  seconds: number;
  systems: SystemReport[];
  /** ndcg@10 of the pipeline minus that of another. */
  differences: ({ against: string } & Comparison["difference"] & Pick<Comparison, "verdict">)[];
}

interface Step {
  user: string;
  /** Place of the item that came next, from 1; 0: not in the list. */
  places: Record<string, number>;
}

/**
 * Sends rows in the order of time through ingest and asks for a list right before some of them,
 * sampled evenly from each person's last fifth: was what came next in it? Two plain recommenders
 * learn from the same events on the way. Without an address a standalone is started for it.
 * @throws CliError.
 */
export async function evaluatePipeline(
  io: Io,
  globals: GlobalOptions,
  rows: readonly TrainingRow[],
  options: PipelineOptions,
): Promise<PipelineReport> {
  const timed = orderedByTime(rows);
  const asked = askedAbout(timed, options.steps);
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
    const { steps, late } = await walk(io, system, { rows: timed, asked }, options);
    return {
      ...countsOf(timed),
      url: own === undefined ? settings.url : null,
      steps: steps.length,
      people: new Set(steps.map(({ user }) => user)).size,
      seed: options.seed,
      late,
      seconds: roundMeasure((io.now() - startedAt) / 1_000),
      ...measured(steps, options.seed),
    };
  } finally {
    await own?.stop();
  }
}

type Timed = TrainingRow & { time: number };

function orderedByTime(rows: readonly TrainingRow[]): Timed[] {
  const timed = rows.map((row) => {
    if (row.time === undefined) throw usageError("--pipeline needs a time in every row");
    return { ...row, time: row.time };
  });
  return timed.sort((a, b) => a.time - b.time);
}

const pairOf = (user: string, item: string) => `${user}\0${item}`;

function askedAbout(rows: readonly Timed[], steps: number): Set<string> {
  const { tests } = divide(buildInteractions(rows), "B", 0);
  const pairs = tests.flatMap(({ user, items }) => items.map((item) => pairOf(user, item)));
  if (pairs.length === 0) throw usageError("nobody has five events: there is nothing to ask about");
  return new Set(evenlySpread(pairs, steps));
}

function countsOf(rows: readonly Timed[]): Pick<PipelineReport, "rows" | "users" | "items"> {
  return {
    rows: rows.length,
    users: new Set(rows.map(({ user_id }) => user_id)).size,
    items: new Set(rows.map(({ item_id }) => item_id)).size,
  };
}

async function walk(
  io: Io,
  system: System,
  { rows, asked }: { rows: readonly Timed[]; asked: ReadonlySet<string> },
  { onStep, settleMs = SETTLE_MS }: PipelineOptions,
): Promise<{ steps: Step[]; late: number }> {
  const plain = createWalk();
  const steps: Step[] = [];
  let late = 0;
  let hasSettled = false;
  for (const [at, row] of rows.entries()) {
    io.signal.throwIfAborted();
    const { user_id: user, item_id: item } = row;
    if (asked.has(pairOf(user, item))) {
      if (!(await system.caughtUp(user))) late += 1;
      if (!hasSettled && at >= rows.length / 2) {
        hasSettled = true;
        onStep(at, rows.length, "neighbours are counted");
        await pause(io, settleMs);
      }
      const lists = {
        pipeline: await system.recommend(user, LIST),
        popular: plain.popular(user, LIST),
        "item-knn": plain.itemKnn(user, LIST),
      };
      steps.push({
        user,
        places: Object.fromEntries(
          Object.entries(lists).map(([name, list]) => [name, list.indexOf(item) + 1]),
        ),
      });
    }
    await system.send(row);
    plain.learn(user, item);
    onStep(at + 1, rows.length, "events");
  }
  await system.flush();
  return { steps, late };
}

/** Ends early, by throwing, on Ctrl-C. */
async function pause(io: Io, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    io.signal.throwIfAborted();
    await io.sleep(Math.min(500, left));
  }
}

const MEASURES = {
  "hr@10": (place: number) => (place > 0 ? 1 : 0),
  "mrr@10": (place: number) => (place > 0 ? 1 / place : 0),
  "ndcg@10": (place: number) => (place > 0 ? 1 / Math.log2(place + 1) : 0),
} as const;

function measured(
  steps: readonly Step[],
  seed: number,
): Pick<PipelineReport, "systems" | "differences"> {
  const random = createRandom(seed, "pipeline");
  const names = Object.keys(steps[0]?.places ?? {});
  const within = (valueOf: (step: Step) => number) => {
    const byUser = rowsByUser(steps.map((step) => ({ user_id: step.user, value: valueOf(step) })));
    const groups = [...byUser.values()].map((own) => own.map(({ value }) => value));
    const [low, high] = groupedInterval(groups, { random });
    const interval: [number, number] = [roundMeasure(low), roundMeasure(high)];
    return { mean: roundMeasure(mean(steps.map(valueOf))), interval };
  };
  const systems = names.map((name) => {
    const found = Object.entries(MEASURES).map(
      ([metric, measure]) => [metric, within(({ places }) => measure(places[name]!))] as const,
    );
    return {
      name,
      metrics: Object.fromEntries(found.map(([metric, one]) => [metric, one.mean])),
      intervals: Object.fromEntries(found.map(([metric, one]) => [metric, one.interval])),
    };
  });
  const differences = names.slice(1).map((against) => {
    const gain = ({ places }: Step) =>
      MEASURES["ndcg@10"](places["pipeline"]!) - MEASURES["ndcg@10"](places[against]!);
    const difference = within(gain);
    return { against, ...difference, verdict: verdictOf(difference) };
  });
  return { systems, differences };
}
