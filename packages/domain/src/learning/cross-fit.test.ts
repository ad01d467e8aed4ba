import { expect, it } from "vitest";

import { SCORERS } from "../ranking/types.ts";
import { crossFit, type PersonalList } from "./cross-fit.ts";
import { seededRandom } from "./explore.ts";
import { estimateOffPolicy, greedyPolicy } from "./off-policy.ts";
import { reactionBits } from "./rewards.ts";
import type { LearnerItem } from "./types.ts";

const item = (id: string, value: number): LearnerItem => ({
  item_id: id,
  static_score: 0,
  values: SCORERS.map((_, at) => (at === 0 ? value : 0)),
});
const done = { shown: true, reactions: reactionBits("done") };
const left = { shown: true, reactions: 0 };

/** One explored place: the first item or, as probably, the second; either is done in half of the lists. */
function listOf(id: string, chosen: number, isDone: boolean): PersonalList {
  const actions = [item("a", 0), item("b", 1)].map((one) => ({ ...one, propensity: 0.5 }));
  const shown = actions[chosen]!;
  return {
    request_id: id,
    user_key: `key of ${id}`,
    decision: { items: [shown], slots: [{ place: 1, chosen, actions }] },
    outcomes: { [shown.item_id]: isDone ? done : left },
  };
}

it("what a list earned never moves the model it is corrected by", () => {
  const ids = Array.from({ length: 200 }, (_, n) => `r${n}`);
  const random = seededRandom("lists");
  const lists = ids.map((id) => listOf(id, random() < 0.5 ? 0 : 1, random() < 0.5));
  const slots = crossFit(lists);
  expect(slots).toHaveLength(lists.length);
  const probe = item("b", 1);
  const expectedOf = new Map(slots.map((slot) => [slot.person, slot.expected(probe, 1)]));
  const models = new Set(expectedOf.values());
  expect(models.size).toBe(2);
  let moved = 0;
  for (const changed of lists.slice(0, 40)) {
    const { request_id, user_key } = changed;
    const other = lists.map((list) =>
      list === changed ? { ...list, outcomes: { [list.decision!.items[0]!.item_id]: done } } : list,
    );
    const again = crossFit(other);
    const own = again.find(({ person }) => person === user_key);
    expect(own?.expected(probe, 1)).toBe(expectedOf.get(`key of ${request_id}`));
    if (again.some((slot) => slot.expected(probe, 1) !== expectedOf.get(slot.person))) moved += 1;
  }
  expect(moved).toBeGreaterThan(0);
});

it("of few lists estimates are unbiased, of a ranking that is learned from them too", () => {
  const best = greedyPolicy((one, place, expected) => expected(one, place));
  const second = greedyPolicy(({ item_id }) => (item_id === "b" ? 1 : 0));
  const means = { fixed: 0, learned: 0 };
  const runs = 400;
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(`few ${run}`);
    const lists = Array.from({ length: 60 }, (_, n) =>
      listOf(`${run}-${n}`, random() < 0.5 ? 0 : 1, random() < 0.5),
    );
    // Both items earn 0.5: what looks better in a half is not better in the other.
    means.fixed += estimateOffPolicy(crossFit(lists), second).doublyRobust.value / runs;
    means.learned += estimateOffPolicy(crossFit(lists), best).doublyRobust.value / runs;
  }
  // 60 slots of deviation about 0.7: 0.005 for the mean of 400 runs.
  expect(Math.abs(means.fixed - 0.5)).toBeLessThan(0.025);
  expect(Math.abs(means.learned - 0.5)).toBeLessThan(0.025);
});
