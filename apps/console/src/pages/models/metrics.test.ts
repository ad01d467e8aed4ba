import { expect, test } from "vitest";

import { decisionOf, intervalsOf, opponentsOf, sharesOf, type Slot } from "./metrics.ts";

const slot = (id: number, weight: number, is_active = true) => ({ id, weight, is_active }) as Slot;

test("shares are of the slots that answer and sum to 1", () => {
  const shares = sharesOf([slot(1, 70), slot(2, 30), slot(3, 50, false), slot(4, 0)]);
  expect([...shares]).toEqual([
    [1, 0.7],
    [2, 0.3],
  ]);
  expect(sharesOf([slot(1, 0)]).size).toBe(0);
});

test("figures of a run come with their intervals, in one order; what is damaged is left out", () => {
  const metrics = {
    "ndcg@20": 0.5,
    "ndcg@10": 0.4,
    "recall@20": "high",
    evaluation: {
      intervals: { "ndcg@20": [0.4, 0.6], "ndcg@10": [0.3, 0.5], "recall@20": [0, 1] },
    },
    gate: {
      serve: false,
      reason: "behind",
      opponents: [
        { name: "popular", difference: { mean: 0.1, interval: [0.05, 0.15] } },
        { name: "odd", difference: { mean: 0.1, interval: [null, 1] } },
      ],
    },
  };
  expect(intervalsOf({ metrics }).map(({ label }) => label)).toEqual(["NDCG@10", "NDCG@20"]);
  expect(opponentsOf({ metrics })).toEqual([
    { label: "popular", value: 0.1, low: 0.05, high: 0.15 },
  ]);
  expect(decisionOf({ metrics })).toEqual({ serves: false, reason: "behind" });
  expect(decisionOf({ metrics: {} })).toBeUndefined();
  expect(intervalsOf(undefined)).toEqual([]);
});
