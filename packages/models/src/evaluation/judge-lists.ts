import { findString, stringCount } from "@signalpath/contracts";
import {
  averagePrecision,
  bootstrapInterval,
  coverage,
  mean,
  ndcg,
  novelty,
  recall,
} from "@signalpath/domain";

import type { Interactions } from "../interactions/types.ts";

/** Depth at which models are compared: how long a list is. */
export const LIST_LENGTH = 20;
const CUTS = [LIST_LENGTH, 10] as const;

const MEASURES = { ndcg, recall, map: averagePrecision } as const;
type Interval = [low: number, high: number];

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
}

export interface Judgement {
  /** `ndcg@20`, `recall@10`, ..., `coverage@20` in 0..1; `novelty@20` in bits. */
  metrics: Record<string, number>;
  /** 95 % bootstrap intervals over people, at 20. */
  intervals: Record<string, Interval>;
  segments: Segment[];
  /** ndcg@20 of each person, in their order. */
  each: number[];
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
  const wanted = tests.map(({ items }) => new Set(items));
  const lists = tests.map(({ user }, at) => {
    onFraction?.((at + 1) / tests.length);
    return recommend(user);
  });
  const metrics: Record<string, number> = {};
  const intervals: Record<string, Interval> = {};
  const each: Record<string, number[]> = {};
  for (const cut of CUTS) {
    for (const [name, measure] of Object.entries(MEASURES)) {
      const values = lists.map((list, at) => measure(list, wanted[at]!, cut));
      metrics[`${name}@${cut}`] = roundMeasure(mean(values));
      if (cut !== LIST_LENGTH) continue;
      each[name] = values;
      intervals[`${name}@${cut}`] = intervalOf(values, random);
    }
  }
  const catalogue = stringCount(train.items);
  metrics[`coverage@${LIST_LENGTH}`] = roundMeasure(coverage(lists, catalogue, LIST_LENGTH));
  metrics[`novelty@${LIST_LENGTH}`] = roundMeasure(novelty(lists, usersOf(train), LIST_LENGTH));
  const { ndcg: ndcgs = [], recall: recalls = [] } = each;
  return { metrics, intervals, segments: segmentsOf(train, tests, ndcgs, recalls), each: ndcgs };
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

function intervalOf(values: readonly number[], random: () => number): Interval {
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

function segmentsOf(
  { users, matrix }: Interactions,
  tests: readonly Asked[],
  ndcgs: readonly number[],
  recalls: readonly number[],
): Segment[] {
  const sizes = tests.map(({ user }) => {
    const row = findString(users, user);
    return row < 0 ? 0 : matrix.indptr[row + 1]! - matrix.indptr[row]!;
  });
  return SEGMENTS.flatMap(({ name, from, below }) => {
    const own = [...sizes.keys()].filter((at) => sizes[at]! >= from && sizes[at]! < below);
    if (own.length === 0) return [];
    return [
      {
        entries: name,
        users: own.length,
        "ndcg@20": roundMeasure(mean(own.map((at) => ndcgs[at]!))),
        "recall@20": roundMeasure(mean(own.map((at) => recalls[at]!))),
      },
    ];
  });
}
