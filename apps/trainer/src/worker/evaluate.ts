import {
  averagePrecision,
  bootstrapInterval,
  coverage,
  mean,
  ndcg,
  novelty,
  recall,
} from "@signalpath/domain";
import { findString, stringCount } from "@signalpath/contracts";
import type { Interactions } from "@signalpath/models";

import type { TestUser } from "./split.ts";

/** Depth of the lists that are judged; the one that decides comes first. */
export const CUTS = [20, 10] as const;
/** Depth at which models are compared. */
export const CUT = CUTS[0];

const MEASURES = { ndcg, recall, map: averagePrecision } as const;
type Interval = [low: number, high: number];

/** People by how much of theirs a model saw. */
const SEGMENTS = [
  { name: "1-9", from: 1, below: 10 },
  { name: "10-49", from: 10, below: 50 },
  { name: "50+", from: 50, below: Number.POSITIVE_INFINITY },
] as const;

export interface Segment {
  entries: string;
  users: number;
  "ndcg@20": number;
  "recall@20": number;
}

export interface Evaluation {
  /** `ndcg@20`, `recall@10`, ..., `coverage@20` in 0..1, `novelty@20` in bits. */
  metrics: Record<string, number>;
  /** 95 % bootstrap intervals over people. */
  intervals: Record<string, Interval>;
  segments: Segment[];
  /** ndcg@20 of each person, in their order. */
  each: number[];
}

/** A list of at most 20 item ids for a person of the training. */
export type Recommend = (user: string) => readonly string[];

/** Mean ndcg@20 and no more: for a search. */
export function scoreOf(recommend: Recommend, tests: readonly TestUser[]): number {
  return mean(tests.map(({ user, items }) => ndcg(recommend(user), new Set(items), CUT)));
}

/**
 * Judges lists that rank all items of the training; what a person is to find and the training did
 * not know counts as missed. `onFraction` hears how far it is.
 */
export function evaluate(
  recommend: Recommend,
  { train, tests }: { train: Interactions; tests: readonly TestUser[] },
  { random, onFraction }: { random: () => number; onFraction: (fraction: number) => void },
): Evaluation {
  const wanted = tests.map(({ items }) => new Set(items));
  const lists = tests.map(({ user }, at) => {
    onFraction((at + 1) / tests.length);
    return recommend(user);
  });
  const metrics: Record<string, number> = {};
  const intervals: Record<string, Interval> = {};
  let each: number[] = [];
  const atCut: Record<string, number[]> = {};
  for (const cut of CUTS) {
    for (const [name, measure] of Object.entries(MEASURES)) {
      const values = lists.map((list, at) => measure(list, wanted[at]!, cut));
      metrics[`${name}@${cut}`] = round(mean(values));
      if (cut !== CUT) continue;
      atCut[name] = values;
      intervals[`${name}@${cut}`] = roundAll(bootstrapInterval(values, { random }));
      if (name === "ndcg") each = values;
    }
  }
  metrics[`coverage@${CUT}`] = round(coverage(lists, stringCount(train.items), CUT));
  metrics[`novelty@${CUT}`] = round(novelty(lists, popularityOf(train), CUT));
  const segments = segmentsOf(train, tests, atCut["ndcg"]!, atCut["recall"]!);
  return { metrics, intervals, segments, each };
}

/** Mean of what the first has more than the second, person by person, and its 95 % interval. */
export function difference(
  first: readonly number[],
  second: readonly number[],
  random: () => number,
): { mean: number; interval: Interval } {
  const more = first.map((value, at) => value - second[at]!);
  return { mean: round(mean(more)), interval: roundAll(bootstrapInterval(more, { random })) };
}

function popularityOf({ items, users, matrix }: Interactions) {
  const counts = new Uint32Array(stringCount(items));
  for (const item of matrix.indices) counts[item]! += 1;
  return {
    of: (id: string) => counts[findString(items, id)] ?? 0,
    total: stringCount(users),
  };
}

function segmentsOf(
  { users, matrix }: Interactions,
  tests: readonly TestUser[],
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
        "ndcg@20": round(mean(own.map((at) => ndcgs[at]!))),
        "recall@20": round(mean(own.map((at) => recalls[at]!))),
      },
    ];
  });
}

/** Six decimals: what is kept of a measurement. */
export function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function roundAll([low, high]: Interval): Interval {
  return [round(low), round(high)];
}
