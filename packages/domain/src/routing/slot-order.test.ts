import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { randomSlotOrder, slotOrder, type WeightedSlot } from "./slot-order.ts";

const USERS = 100_000;
/** 99.9th percentiles of chi-square with 1, 2 and 3 degrees of freedom. */
const LIMIT = [0, 10.828, 13.816, 16.266];

const slotsOf = (...weights: number[]): WeightedSlot[] =>
  weights.map((weight, at) => ({ id: at + 1, weight }));
const userAt = (at: number): string => `user-${at}`;
const firstOf = (seed: string, user: string, slots: readonly WeightedSlot[]) =>
  slotOrder(seed, user, slots)[0]?.id;

/** Pearson's statistic of how often each slot came first. */
function chiSquare(counts: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const n = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, at) => {
    const expected = (n * weights[at]!) / total;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

describe("sticky slots", () => {
  test.each([
    ["a", [70, 30]],
    ["another seed", [60, 40]],
    ["c", [1, 1]],
    ["d", [99, 1]],
    ["e", [50, 30, 20]],
    ["f", [0.5, 12.25, 40, 100]],
  ])("seed %s holds the weights %j over 100,000 users", (seed, weights) => {
    const slots = slotsOf(...weights);
    const counts = weights.map(() => 0);
    for (let at = 0; at < USERS; at++) counts[firstOf(seed, userAt(at), slots)! - 1]! += 1;
    expect(chiSquare(counts, weights)).toBeLessThan(LIMIT[weights.length - 1]!);
  });

  test("second places are shared by weight too, whoever came first", () => {
    const slots = slotsOf(50, 30, 20);
    const seconds = new Map<string, number>();
    for (let at = 0; at < USERS; at++) {
      const [first, second] = slotOrder("seed", userAt(at), slots);
      const pair = `${first!.id}${second!.id}`;
      seconds.set(pair, (seconds.get(pair) ?? 0) + 1);
    }
    const after = (first: number, ids: number[], weights: number[]) =>
      chiSquare(
        ids.map((id) => seconds.get(`${first}${id}`) ?? 0),
        weights,
      );
    expect(after(1, [2, 3], [30, 20])).toBeLessThan(LIMIT[1]!);
    expect(after(2, [1, 3], [50, 20])).toBeLessThan(LIMIT[1]!);
    expect(after(3, [1, 2], [50, 30])).toBeLessThan(LIMIT[1]!);
  });

  test("two seeds place users independently", () => {
    const slots = slotsOf(1, 1);
    const counts = [0, 0, 0, 0];
    for (let at = 0; at < USERS; at++) {
      const one = firstOf("project-1", userAt(at), slots)! - 1;
      const two = firstOf("project-2", userAt(at), slots)! - 1;
      counts[one * 2 + two]! += 1;
    }
    expect(chiSquare(counts, [1, 1, 1, 1])).toBeLessThan(LIMIT[3]!);
  });

  test("from 70/30 to 60/40 a tenth moves, all of them to the second slot", () => {
    let moved = 0;
    for (let at = 0; at < USERS; at++) {
      const before = firstOf("seed", userAt(at), slotsOf(70, 30));
      const after = firstOf("seed", userAt(at), slotsOf(60, 40));
      if (before === after) continue;
      expect([before, after]).toEqual([1, 2]);
      moved += 1;
    }
    // Five standard deviations of a tenth of 100,000.
    expect(Math.abs(moved - 10_000)).toBeLessThan(475);
  });

  const slots = fc
    .uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 8 })
    .chain((ids) =>
      fc
        .array(fc.float({ min: 1, max: 100, noNaN: true }), {
          minLength: ids.length,
          maxLength: ids.length,
        })
        .map((weights) => ids.map((id, at) => ({ id, weight: weights[at]! }))),
    );

  test("a changed weight moves users to that slot or from it, never between others", () => {
    fc.assert(
      fc.property(
        slots,
        fc.nat(),
        fc.float({ min: 1, max: 100, noNaN: true }),
        fc.string(),
        fc.string(),
        (all, which, weight, seed, user) => {
          const changed = all[which % all.length]!;
          const next = all.map((slot) => (slot === changed ? { ...slot, weight } : slot));
          const before = firstOf(seed, user, all);
          const after = firstOf(seed, user, next);
          if (before === after) return;
          expect(weight > changed.weight ? after : before).toBe(changed.id);
        },
      ),
    );
  });

  test("the order of the others stays when one is taken away, whatever order they are given in", () => {
    fc.assert(
      fc.property(slots, fc.nat(), fc.string(), fc.string(), (all, which, seed, user) => {
        const gone = all[which % all.length]!.id;
        const ids = slotOrder(seed, user, all).map(({ id }) => id);
        const rest = all.filter(({ id }) => id !== gone).toReversed();
        expect(slotOrder(seed, user, rest).map(({ id }) => id)).toEqual(
          ids.filter((id) => id !== gone),
        );
      }),
    );
  });
});

test("a weight that is not above 0 is never chosen", () => {
  const slots = slotsOf(0, 5, -1, Number.NaN);
  expect(slotOrder("s", "u", slots).map(({ id }) => id)).toEqual([2]);
  expect(randomSlotOrder(slots, () => 0).map(({ id }) => id)).toEqual([2]);
  expect(slotOrder("s", "u", [])).toEqual([]);
});

test("drawn orders have the same shares and use nothing but the draws", () => {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const counts = [0, 0];
  for (let at = 0; at < USERS; at++)
    counts[randomSlotOrder(slotsOf(70, 30), random)[0]!.id - 1]! += 1;
  expect(chiSquare(counts, [70, 30])).toBeLessThan(LIMIT[1]!);
  // 0 is the far end of u, never u itself.
  expect(randomSlotOrder(slotsOf(1, 1), () => 0).map(({ id }) => id)).toEqual([1, 2]);
});
