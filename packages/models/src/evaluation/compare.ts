import type { ModelMetadata, ModelTensor } from "@signalpath/contracts";
import { mean, ndcg, recall } from "@signalpath/domain";

import type { Interactions } from "../interactions/types.ts";
import { modelKinds } from "../registry.ts";
import { recommendFrom } from "./fit.ts";
import {
  compareEach,
  intervalOf,
  LIST_LENGTH,
  roundMeasure,
  type Asked,
  type Interval,
  type Recommend,
} from "./judge-lists.ts";
import type { TestUser } from "./split.ts";

/** A version that serves, as it was verified. */
export interface LiveModel {
  version: number;
  /** Time of the newest row it was fitted on, milliseconds; absent when nothing tells. */
  dataTo?: number;
  metadata: ModelMetadata;
  tensors: ReadonlyMap<string, ModelTensor>;
}

/** How a rival did on the same split. */
export interface Comparison {
  "ndcg@20": number;
  "recall@20": number;
  /** Of the rival's ndcg@20, 95 %. */
  interval: Interval;
  /** Of ndcg@20: candidate minus rival, person by person, with its 95 % interval. */
  difference: { mean: number; interval: Interval };
  /** Of the candidate: `even` where the interval of the difference holds 0. */
  verdict: Verdict;
}

type Verdict = "ahead" | "even" | "behind";

export interface LiveComparison extends Comparison {
  version: number;
  users: number;
  /** `unseen`: held out rows newer than what it was fitted on. `all`: it may have seen them. */
  rows: "unseen" | "all";
}

/** Where a difference and its interval put the first of the two. */
export function verdictOf({ interval: [low, high] }: Comparison["difference"]): Verdict {
  return low > 0 ? "ahead" : high < 0 ? "behind" : "even";
}

/** A rival against a candidate's ndcg@20 of each person. */
export function compare(
  own: readonly number[],
  rival: Recommend,
  tests: readonly Asked[],
  random: () => number,
): Comparison {
  const lists = tests.map(({ user }) => rival(user));
  const wanted = tests.map(({ items }) => new Set(items));
  const each = lists.map((list, at) => ndcg(list, wanted[at]!, LIST_LENGTH));
  const difference = compareEach(own, each, random);
  return {
    "ndcg@20": roundMeasure(mean(each)),
    "recall@20": roundMeasure(
      mean(lists.map((list, at) => recall(list, wanted[at]!, LIST_LENGTH))),
    ),
    interval: intervalOf(each, random),
    difference,
    verdict: verdictOf(difference),
  };
}

/**
 * The artefact that serves, on the same split: it is asked with what people have in the training
 * part, as the candidate is. Where held out rows are newer than what it was fitted on, only those
 * count, since neither saw them; else all do, and what it may have seen speaks for it.
 * @returns undefined when it cannot be asked; a log line says why.
 */
export function compareLive(
  candidate: Recommend,
  { version, dataTo, metadata, tensors }: LiveModel,
  { train, tests }: { train: Interactions; tests: readonly TestUser[] },
  random: () => number,
  log: (level: "warn", message: string) => void,
): LiveComparison | undefined {
  const kind = Object.hasOwn(modelKinds, metadata.kind) ? modelKinds[metadata.kind] : undefined;
  if (kind === undefined) {
    log("warn", `version ${version} serves, a kind nothing here can ask: ${metadata.kind}`);
    return undefined;
  }
  const unseen = dataTo === undefined ? [] : tests.flatMap((test) => newerThan(test, dataTo));
  const asked = unseen.length > 0 ? unseen : tests;
  const own = asked.map(({ user, items }) => ndcg(candidate(user), new Set(items), LIST_LENGTH));
  const rival = recommendFrom({ kind, model: kind.decode({ metadata, tensors }) }, train);
  return {
    ...compare(own, rival, asked, random),
    version,
    users: asked.length,
    rows: unseen.length > 0 ? "unseen" : "all",
  };
}

function newerThan({ user, items, times }: TestUser, time: number): TestUser[] {
  const newer = items.filter((_, at) => (times?.[at] ?? Number.NEGATIVE_INFINITY) > time);
  return newer.length === 0 ? [] : [{ user, items: newer }];
}
