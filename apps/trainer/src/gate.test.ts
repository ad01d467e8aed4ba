import { verdictOf, type LiveComparison } from "@signalpath/models";
import { describe, expect, it } from "vitest";

import { judgePromotion } from "./gate.ts";
import type { EvaluationReport } from "./worker/messages.ts";

const against = (low: number, high: number) => {
  const difference = { mean: (low + high) / 2, interval: [low, high] as [number, number] };
  const measured = { "ndcg@20": 0.1, "recall@20": 0.1, interval: [0.05, 0.15] as [number, number] };
  return { ...measured, difference, verdict: verdictOf(difference) };
};
const live = (low: number, high: number): LiveComparison => ({
  ...against(low, high),
  version: 1,
  users: 10,
  rows: "unseen",
});
const evaluation = (low: number, high: number) =>
  ({ baselines: { popular: against(low, high) } }) as unknown as EvaluationReport;

describe("promotion", () => {
  it.each([
    ["always serves", "always", { live: live(-1, -0.5) }, true, true],
    ["manual never does", "manual", { evaluation: evaluation(0.1, 0.2) }, false, false],
    ["better than nothing", "better", { evaluation: evaluation(0, 0.1) }, false, true],
    ["not judged where nothing serves", "better", {}, false, false],
    ["behind popular", "better", { evaluation: evaluation(-0.2, -0.1) }, false, false],
    ["not judged", "better", { live: live(0.1, 0.2) }, true, false],
    ["ahead", "better", { evaluation: evaluation(0, 0), live: live(0.01, 0.2) }, true, true],
    ["maybe ahead", "better", { evaluation: evaluation(0, 0), live: live(0, 0.2) }, true, false],
    ["behind", "better", { evaluation: evaluation(0, 0), live: live(-0.2, -0.1) }, true, false],
    [
      "ahead of it and behind popular",
      "better",
      { evaluation: evaluation(-0.2, -0.1), live: live(0.1, 0.2) },
      true,
      false,
    ],
  ] as const)("%s", (_, promotion, outcome, isServing, serve) => {
    const serving = { version: isServing ? 1 : null, damaged: undefined };
    expect(judgePromotion(promotion, outcome, serving).serve).toBe(serve);
  });

  it("says how it did against each of them", () => {
    const outcome = { evaluation: evaluation(-0.1, 0.1), live: live(0.1, 0.2) };
    const { opponents } = judgePromotion("always", outcome, { version: 1, damaged: undefined });
    expect(opponents).toMatchObject([
      { name: "popular", verdict: "even", interval: [0.05, 0.15] },
      { name: "version 1", verdict: "ahead", difference: { interval: [0.1, 0.2] } },
    ]);
    const unmeasured = judgePromotion("better", {}, { version: null, damaged: undefined });
    expect(unmeasured.opponents).toEqual([]);
  });

  it("replaces what was not compared with only where nobody can load it", () => {
    const outcome = { evaluation: evaluation(0, 0.1) };
    const judged = (version: number, damaged?: number, rival?: LiveComparison) =>
      judgePromotion(
        "better",
        { ...outcome, ...(rival === undefined ? {} : { live: rival }) },
        { version, damaged },
      ).serve;
    expect(judged(1, 1)).toBe(true);
    expect(judged(1)).toBe(false);
    // Another version was promoted while the training ran.
    expect(judged(2, undefined, live(0.1, 0.2))).toBe(false);
    expect(judged(2, 1)).toBe(false);
  });
});
