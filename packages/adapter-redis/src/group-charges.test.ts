import fc from "fast-check";
import { expect, test } from "vitest";

import { createMemoryRateLimiter, type RateCharge, type RateDecision } from "@signalpath/ports";

import { groupCharges } from "./group-charges.ts";

const budget = { limit: 10, period_ms: 1_000 };
const costs = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 });

/** The memory keeper with a clock that stands, answering when it is told to. */
function heldBack() {
  const limiter = createMemoryRateLimiter({ now: () => 0 });
  const asked: number[] = [];
  const gates: (() => void)[] = [];
  return {
    asked,
    spend: async (charge: RateCharge): Promise<RateDecision> => {
      asked.push(charge.cost);
      await new Promise<void>((resolve) => gates.push(resolve));
      return limiter.charge(charge);
    },
    answerAll: async (): Promise<void> => {
      for (; gates.length > 0; await new Promise((resolve) => setImmediate(resolve)))
        for (const open of gates.splice(0)) open();
    },
  };
}

test("what comes while a call is out goes as one sum", async () => {
  const { asked, spend, answerAll } = heldBack();
  const charge = groupCharges(spend);
  const all = [1, 2, 3].map((cost) => charge({ key: "k", ...budget, cost }));
  const other = charge({ key: "other", ...budget, cost: 1 });
  await answerAll();
  expect(asked).toEqual([1, 1, 5]);
  const seen = (await Promise.all(all)).map(({ allowed, remaining }) => [allowed, remaining]);
  expect(seen).toEqual([
    [true, 9],
    [true, 7],
    [true, 4],
  ]);
  expect((await other).remaining).toBe(9);
});

test("the same are allowed, with the same left, as one by one", async () => {
  await fc.assert(
    fc.asyncProperty(costs, async (given) => {
      const alone = createMemoryRateLimiter({ now: () => 0 });
      const expected: RateDecision[] = [];
      for (const cost of given) expected.push(await alone.charge({ key: "k", ...budget, cost }));
      const { spend, answerAll } = heldBack();
      const charge = groupCharges(spend);
      const all = given.map((cost) => charge({ key: "k", ...budget, cost }));
      await answerAll();
      const grouped = await Promise.all(all);
      const told = ({ allowed, remaining, retry_after_ms }: RateDecision) => [
        allowed,
        remaining,
        retry_after_ms,
      ];
      expect(grouped.map(told)).toEqual(expected.map(told));
    }),
  );
});

test("a call that fails fails for all who were in it, and for nobody after", async () => {
  let broken = true;
  const limiter = createMemoryRateLimiter({ now: () => 0 });
  const charge = groupCharges(async (one) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (broken) throw new Error("gone");
    return limiter.charge(one);
  });
  const lost = [1, 1, 1].map((cost) => charge({ key: "k", ...budget, cost }));
  for (const one of lost) await expect(one).rejects.toThrow("gone");
  broken = false;
  expect(await charge({ key: "k", ...budget, cost: 1 })).toMatchObject({ remaining: 9 });
});
