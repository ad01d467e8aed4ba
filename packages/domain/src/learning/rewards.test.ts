import fc from "fast-check";
import { expect, it } from "vitest";

import { REACTIONS } from "../events/types.ts";
import { joinLogged, observationsOf, type LoggedList } from "./logged-list.ts";
import { joinOutcomes, NO_OUTCOME, reactionBits, rewardOf } from "./rewards.ts";

const anyOutcome = fc.record({ shown: fc.boolean(), reactions: fc.nat(2 ** REACTIONS.length - 1) });
const anyList: fc.Arbitrary<LoggedList> = fc
  .dictionary(fc.constantFrom("a", "b", "c", "__proto__"), anyOutcome)
  .map((outcomes) => ({ decision: undefined, outcomes }));
const done = { shown: true, reactions: reactionBits("done") };

it.each([
  [[], 0],
  [["done"], 1],
  [["click", "purchase"], 1],
  [["like"], 0.6],
  [["like", "unlike"], 0],
  [["dismiss"], -0.8],
  [["click", "dislike"], -0.5],
  [["snooze"], 0],
] as const)("%j of an item that was shown earns %d", (reactions, reward) => {
  const bits = reactions.reduce((all, reaction) => all | reactionBits(reaction), 0);
  expect(rewardOf({ shown: true, reactions: bits })).toBeCloseTo(reward, 12);
  expect(rewardOf({ shown: false, reactions: bits })).toBeUndefined();
});

it("a rating counts by its stars", () => {
  const of = (rating: number) =>
    rewardOf({ shown: true, reactions: reactionBits("rating", rating) });
  expect([1, 2, 3, 4, 5].map(of)).toEqual([-0.8, -0.8, 0, 0.6, 0.6]);
});

it("outcomes and lists join in any order, once however often", () => {
  fc.assert(
    fc.property(anyOutcome, anyOutcome, anyOutcome, (a, b, c) => {
      expect(joinOutcomes(a, b)).toEqual(joinOutcomes(b, a));
      expect(joinOutcomes(a, joinOutcomes(b, c))).toEqual(joinOutcomes(joinOutcomes(a, b), c));
      expect(joinOutcomes(a, a)).toEqual(a);
      expect(joinOutcomes(a, NO_OUTCOME)).toEqual(a);
    }),
  );
  fc.assert(
    fc.property(anyList, anyList, anyList, (a, b, c) => {
      expect(joinLogged(a, b)).toEqual(joinLogged(b, a));
      expect(joinLogged(a, joinLogged(b, c))).toEqual(joinLogged(joinLogged(a, b), c));
      expect(joinLogged(joinLogged(a, b), b)).toEqual(joinLogged(a, b));
    }),
  );
});

it("only remembered items that were shown are observed", () => {
  const items = ["a", "b", "constructor"].map((item_id) => ({
    item_id,
    static_score: 0.5,
    values: [],
  }));
  const list = { decision: { items, slots: [] }, outcomes: { a: done, z: done } };
  expect(observationsOf(list)).toEqual([{ item: items[0], place: 1, reward: 1 }]);
});
