import { findString, stringCount } from "@signalpath/contracts";
import {
  averagePrecision,
  bootstrapInterval,
  coverageWithin,
  mean,
  ndcg,
  novelty,
  recall,
} from "@signalpath/domain";

import type { Interactions } from "../interactions/types.ts";
import { createLikeness } from "./likeness.ts";

/** Depth at which models are compared: how long a list is. */
export const LIST_LENGTH = 20;
/** Depth of what is seen at a glance; diversity is told at this one alone. */
const GLANCE = 10;
const CUTS = [LIST_LENGTH, GLANCE] as const;

const MEASURES = { ndcg, recall, map: averagePrecision } as const;
export type Interval = [low: number, high: number];

/** People by how many of their items a model was fitted on. */
const SEGMENTS = [
  { name: "1-9", from: 1, below: 10 },
  { name: "10-49", from: 10, below: 50 },
  { name: "50+", from: 50, below: Number.POSITIVE_INFINITY },
] as const;

/** A person of the training, and what a list for them is to find. */
export interface Asked {
  user: string;
  items: readonly string[];
}

/** A list of at most `LIST_LENGTH` item ids for a person of the training. */
export type Recommend = (user: string) => readonly string[];

export interface Segment {
  entries: string;
  users: number;
  "ndcg@20": number;
  "recall@20": number;
  /** Of ndcg@20, 95 %. */
  interval: Interval;
}

/** The same lists judged by those items alone that the training knew, so that they could be found. */
export interface KnownItems {
  users: number;
  /** Held out items that no list could hold, of all people asked. */
  unknown_items: number;
  metrics: Record<string, number>;
  intervals: Record<string, Interval>;
}

export interface Judgement {
  /**
   * `ndcg@20`, `recall@10`, ..., `coverage@20` in 0..1; `novelty@20` in bits; `diversity@10` in 0..1:
   * 1 less the mean cosine of two items of a list by who has them in training.
   */
  metrics: Record<string, number>;
  /** 95 % bootstrap intervals over people of every metric. */
  intervals: Record<string, Interval>;
  known_items: KnownItems;
  segments: Segment[];
  /** ndcg@20 of each person, in their order. */
  each: number[];
}

interface Numbers {
  metrics: Record<string, number>;
  intervals: Record<string, Interval>;
}

/** Mean ndcg@20 and no more: what a search maximises. */
export function scoreLists(recommend: Recommend, tests: readonly Asked[]): number {
  const values = tests.map(({ user, items }) => ndcg(recommend(user), new Set(items), LIST_LENGTH));
  return roundMeasure(mean(values));
}

/**
 * Judges lists that rank all items of the training; what a person is to find and the training did
 * not know counts as missed. `onFraction` hears how far it is.
 */
export function judgeLists(
  recommend: Recommend,
  { train, tests }: { train: Interactions; tests: readonly Asked[] },
  { random, onFraction }: { random: () => number; onFraction?: (fraction: number) => void },
): Judgement {
  const lists = tests.map(({ user }, at) => {
    onFraction?.((at + 1) / tests.length);
    return recommend(user);
  });
  const wanted = tests.map(({ items }) => new Set(items));
  const { each, ...found } = accuracyOf(lists, wanted, random);
  const spread = spreadOf(lists, train, random);
  const { ndcg: ndcgs = [], recall: recalls = [] } = each;
  return {
    metrics: { ...found.metrics, ...spread.metrics },
    intervals: { ...found.intervals, ...spread.intervals },
    known_items: knownItems(lists, wanted, train, random),
    segments: segmentsOf({ train, tests, ndcgs, recalls, random }),
    each: ndcgs,
  };
}

function accuracyOf(
  lists: readonly (readonly string[])[],
  wanted: readonly ReadonlySet<string>[],
  random: () => number,
): Numbers & { each: Record<string, number[]> } {
  const metrics: Record<string, number> = {};
  const intervals: Record<string, Interval> = {};
  const each: Record<string, number[]> = {};
  for (const cut of CUTS) {
    for (const [name, measure] of Object.entries(MEASURES)) {
      const values = lists.map((list, at) => measure(list, wanted[at]!, cut));
      metrics[`${name}@${cut}`] = roundMeasure(mean(values));
      intervals[`${name}@${cut}`] = intervalOf(values, random);
      if (cut === LIST_LENGTH) each[name] = values;
    }
  }
  return { metrics, intervals, each };
}

function spreadOf(
  lists: readonly (readonly string[])[],
  train: Interactions,
  random: () => number,
): Numbers {
  const users = usersOf(train);
  const likeness = createLikeness(train);
  const bits = lists.map((list) => novelty([list], users, LIST_LENGTH));
  const apart = lists
    .map((list) => list.slice(0, GLANCE))
    .filter((list) => list.length > 1)
    .map((list) => 1 - likeness(list));
  const covered = coverageWithin(lists, stringCount(train.items), {
    k: LIST_LENGTH,
    random,
  });
  const coverage = `coverage@${LIST_LENGTH}`;
  const novel = `novelty@${LIST_LENGTH}`;
  const diversity = `diversity@${GLANCE}`;
  return {
    metrics: {
      [coverage]: roundMeasure(covered.value),
      [novel]: roundMeasure(mean(bits)),
      [diversity]: roundMeasure(mean(apart)),
    },
    intervals: {
      [coverage]: [roundMeasure(covered.interval[0]), roundMeasure(covered.interval[1])],
      [novel]: intervalOf(bits, random),
      [diversity]: intervalOf(apart, random),
    },
  };
}

function knownItems(
  lists: readonly (readonly string[])[],
  wanted: readonly ReadonlySet<string>[],
  train: Interactions,
  random: () => number,
): KnownItems {
  const known = wanted.map(
    (items) => new Set([...items].filter((item) => findString(train.items, item) >= 0)),
  );
  const askable = [...known.keys()].filter((at) => known[at]!.size > 0);
  const { metrics, intervals } = accuracyOf(
    askable.map((at) => lists[at]!),
    askable.map((at) => known[at]!),
    random,
  );
  const sum = (sets: readonly ReadonlySet<string>[]) =>
    sets.reduce((count, { size }) => count + size, 0);
  return { users: askable.length, unknown_items: sum(wanted) - sum(known), metrics, intervals };
}

/** Mean of what the first has more than the second, person by person, and its 95 % interval. */
export function compareEach(
  first: readonly number[],
  second: readonly number[],
  random: () => number,
): { mean: number; interval: Interval } {
  const more = first.map((value, at) => value - second[at]!);
  return { mean: roundMeasure(mean(more)), interval: intervalOf(more, random) };
}

/** Six decimals: what is kept of a measurement. */
export function roundMeasure(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** 95 % bootstrap interval of the mean, rounded. */
export function intervalOf(values: readonly number[], random: () => number): Interval {
  const [low, high] = bootstrapInterval(values, { random });
  return [roundMeasure(low), roundMeasure(high)];
}

function usersOf({ items, users, matrix }: Interactions) {
  const counts = new Uint32Array(stringCount(items));
  for (const item of matrix.indices) counts[item]! += 1;
  return {
    of: (id: string) => counts[findString(items, id)] ?? 0,
    total: stringCount(users),
  };
}

function segmentsOf({
  train: { users, matrix },
  tests,
  ndcgs,
  recalls,
  random,
}: {
  train: Interactions;
  tests: readonly Asked[];
  ndcgs: readonly number[];
  recalls: readonly number[];
  random: () => number;
}): Segment[] {
  const sizes = tests.map(({ user }) => {
    const row = findString(users, user);
    return row < 0 ? 0 : matrix.indptr[row + 1]! - matrix.indptr[row]!;
  });
  return SEGMENTS.flatMap(({ name, from, below }) => {
    const own = [...sizes.keys()].filter((at) => sizes[at]! >= from && sizes[at]! < below);
    if (own.length === 0) return [];
    const found = own.map((at) => ndcgs[at]!);
    return [
      {
        entries: name,
        users: own.length,
        "ndcg@20": roundMeasure(mean(found)),
        "recall@20": roundMeasure(mean(own.map((at) => recalls[at]!))),
        interval: intervalOf(found, random),
      },
    ];
  });
}
