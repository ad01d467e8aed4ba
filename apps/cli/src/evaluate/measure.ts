import {
  averagePrecision,
  bootstrapInterval,
  coverage,
  mean,
  ndcg,
  novelty,
  recall,
} from "@signalpath/domain";

import type { Part } from "./part.ts";

/** Depths of lists; models are compared at the first. */
export const CUTS = [20, 10] as const;
export const CUT = CUTS[0];

const MEASURES = { ndcg, recall, map: averagePrecision } as const;
/** People by how many of their items a model was fitted on. */
const SEGMENTS = [
  { entries: "1-9", from: 1, below: 10 },
  { entries: "10-49", from: 10, below: 50 },
  { entries: "50+", from: 50, below: Number.POSITIVE_INFINITY },
] as const;

export interface Segment {
  entries: string;
  users: number;
  "ndcg@20": number;
  "recall@20": number;
}

export interface Measured {
  /** `ndcg@20`, `recall@10`, ..., `coverage@20` in 0..1; `novelty@20` in bits. */
  metrics: Record<string, number>;
  /** 95 % bootstrap intervals over people, at 20. */
  intervals: Record<string, [low: number, high: number]>;
  segments: Segment[];
}

type Recommend = (user: string, k: number) => readonly string[];

/** Mean ndcg@20 and no more: what a search maximises. */
export function scoreOf(recommend: Recommend, { tests }: Part): number {
  return mean(tests.map(({ user, items }) => ndcg(recommend(user, CUT), items, CUT)));
}

/** Judges lists over all items of the training; what the training did not know counts as missed. */
export function measure(recommend: Recommend, part: Part, random: () => number): Measured {
  const { tests } = part;
  const lists = tests.map(({ user }) => recommend(user, CUT));
  const metrics: Record<string, number> = {};
  const intervals: Measured["intervals"] = {};
  const each: Record<string, number[]> = {};
  for (const cut of CUTS) {
    for (const [name, judge] of Object.entries(MEASURES)) {
      const values = lists.map((list, at) => judge(list, tests[at]!.items, cut));
      metrics[`${name}@${cut}`] = round(mean(values));
      if (cut !== CUT) continue;
      each[name] = values;
      const [low, high] = bootstrapInterval(values, { random });
      intervals[`${name}@${cut}`] = [round(low), round(high)];
    }
  }
  metrics[`coverage@${CUT}`] = round(coverage(lists, part.itemUsers.size, CUT));
  const users = { of: (id: string) => part.itemUsers.get(id) ?? 0, total: part.users };
  metrics[`novelty@${CUT}`] = round(novelty(lists, users, CUT));
  return { metrics, intervals, segments: segmentsOf(part, each) };
}

function segmentsOf({ tests }: Part, each: Record<string, number[]>): Segment[] {
  return SEGMENTS.flatMap(({ entries, from, below }) => {
    const own = [...tests.keys()].filter((at) => {
      const { trained } = tests[at]!;
      return trained >= from && trained < below;
    });
    if (own.length === 0) return [];
    const meanOf = (name: string) => round(mean(own.map((at) => each[name]![at]!)));
    const values = { "ndcg@20": meanOf("ndcg"), "recall@20": meanOf("recall") };
    return [{ entries, users: own.length, ...values }];
  });
}

/** Six decimals: what is kept of a measurement. */
export function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
