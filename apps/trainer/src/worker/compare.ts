import { mean, ndcg, recall } from "@signalpath/domain";
import {
  compareEach,
  LIST_LENGTH,
  modelKinds,
  roundMeasure,
  type Asked,
  type Interactions,
  type Recommend,
} from "@signalpath/models";

import { recommendFrom } from "./fit.ts";
import type { Comparison, LiveComparison, LiveModel } from "./messages.ts";
import type { TestUser } from "./split.ts";

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
  return {
    "ndcg@20": roundMeasure(mean(each)),
    "recall@20": roundMeasure(
      mean(lists.map((list, at) => recall(list, wanted[at]!, LIST_LENGTH))),
    ),
    difference: compareEach(own, each, random),
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
