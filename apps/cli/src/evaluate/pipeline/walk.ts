import { groupedInterval, mean, rowsByUser } from "@signalpath/domain";
import {
  createRandom,
  createWalk,
  roundMeasure,
  verdictOf,
  type Comparison,
} from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

import type { Io } from "../../io.ts";
import type { System } from "./open-system.ts";

/** Length of the lists that people are shown. */
const LIST = 10;

interface WalkRows {
  /** In the order of time. */
  rows: readonly TrainingRow[];
  /** Pairs to ask about, as `pairOf` writes them. */
  asked: ReadonlySet<string>;
  /** What the system has taken in before. */
  learnt?: readonly TrainingRow[];
}

interface WalkOptions {
  /** Pause at the first question of the second half, milliseconds; 0: none. */
  settleMs: number;
  onStep: (done: number, of: number, what: string) => void;
}

interface Step {
  user: string;
  /** Place of the item that came next, from 1; 0: not in the list. */
  places: Record<string, number>;
}

interface SystemReport {
  name: string;
  /** `hr@10`, `mrr@10`, `ndcg@10`: of one item, the one that came next. */
  metrics: Record<string, number>;
  /** 95 %, drawn by people. */
  intervals: Record<string, [low: number, high: number]>;
}

/** What a walk says of the system and of those it is measured against. */
export interface WalkMeasures {
  systems: SystemReport[];
  /** ndcg@10 of the pipeline minus that of another. */
  differences: ({ against: string } & Comparison["difference"] & Pick<Comparison, "verdict">)[];
}

/** A person and an item as one text. */
export const pairOf = (user: string, item: string): string => `${user}\0${item}`;

/**
 * Sends rows one by one and asks for a list right before those that are asked about. Two plain
 * recommenders learn from the same rows on the way, from `learnt` first.
 */
export async function walk(
  io: Io,
  system: System,
  { rows, asked, learnt = [] }: WalkRows,
  { onStep, settleMs }: WalkOptions,
): Promise<{ steps: Step[]; late: number }> {
  const plain = createWalk();
  for (const { user_id, item_id } of learnt) plain.learn(user_id, item_id);
  const steps: Step[] = [];
  let late = 0;
  let hasSettled = settleMs === 0;
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
        pipeline: (await system.recommend(user, LIST)).items,
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

/** Means over steps, intervals by people, and what the pipeline has more than each other. */
export function measured(steps: readonly Step[], seed: number): WalkMeasures {
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
