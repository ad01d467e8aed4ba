import { buildUserSignals, hash32, seenSet } from "@signalpath/domain";
import { expect, test } from "vitest";

import { createAskModel } from "./ask-model.ts";
import type { LiveScorer, Seeds } from "./live-scorer.ts";

const liked = (...ids: string[]) => ({
  ...buildUserSignals([], () => undefined),
  recent: ids,
  positives: Object.fromEntries(ids.map((id) => [id, 1])),
});

/** Knows items a and b; says how often it was asked. */
function someScorer(): LiveScorer & { asked: Seeds[] } {
  const asked: Seeds[] = [];
  return {
    asked,
    foldIn(seeds) {
      asked.push(seeds);
      return {
        bytes: 400,
        scoreOf: (id) => (seeds.ids.includes(id) ? 2 : 1),
        best: (_k, seen) => ["a", "b"].filter((id) => !seen.has(hash32(id))),
      };
    },
    related: () => [],
    known: () => [],
  };
}

test("a person is folded in once a version of their model and of the trained one", () => {
  const ask = createAskModel();
  const [old, newer] = [someScorer(), someScorer()];
  const [ann, annLater] = [liked("a"), liked("b")];
  const scoreOfA = (scorer: LiveScorer, model: typeof ann) =>
    ask(scorer, model, seenSet(model))?.scoreOf("a");
  expect([ann, ann, annLater, ann].map((model) => scoreOfA(old, model))).toEqual([2, 2, 1, 2]);
  expect(old.asked.map(({ ids }) => ids)).toEqual([["a"], ["b"]]);
  expect(scoreOfA(newer, ann)).toBe(2);
  expect(newer.asked).toHaveLength(1);
});

test("what was seen holds for every asking, and what finds no room is not remembered", () => {
  const ask = createAskModel(1_000);
  const scorer = someScorer();
  const people = [liked("a"), liked("b"), liked("c")];
  expect(ask(scorer, people[0]!, new Set())?.best(9)).toEqual(["a", "b"]);
  expect(ask(scorer, people[0]!, new Set([hash32("a")]))?.best(9)).toEqual(["b"]);
  expect(scorer.asked).toHaveLength(1);
  for (const model of [...people, people[0]!]) ask(scorer, model, new Set());
  expect(scorer.asked.map(({ ids }) => ids[0])).toEqual(["a", "b", "c", "a"]);
});
