import { calculateBody, sampleSizeBody } from "@signalpath/contracts";
import { describe, expect, it } from "vitest";

import { calculated, sized } from "./calculator.ts";

const calculate = (body: object) => calculated(calculateBody.parse(body));

describe("calculator", () => {
  it("reads two arms in three ways; a rate needs no sum of squares", () => {
    const arms = [
      { index: 0, n: 1_000, sum: 100 },
      { index: 1, n: 1_000, sum: 130 },
    ];
    const { health, comparisons } = calculate({ arms });
    expect(health.srm).toMatchObject({ p: 1, chi2: 0, df: 1, status: "ok" });
    expect(comparisons).toHaveLength(1);
    const [one] = comparisons;
    expect(one?.lift).toBeCloseTo(0.3, 12);
    // z = .3 / sqrt(.1131 / 10 + .09 * .0169 / .1), by hand.
    expect(one?.fixed.p).toBeCloseTo(0.0656, 4);
    expect(one?.always_valid.p).toBeGreaterThan(one?.fixed.p ?? 1);
    expect(one?.error).toBeNull();
  });

  it("no weights are equal weights", () => {
    const arms = [
      { index: 0, n: 5_200, sum: 100 },
      { index: 1, n: 4_800, sum: 100 },
    ];
    const without = calculate({ arms }).health;
    expect(without.srm.status).toBe("failed");
    expect(calculate({ arms, weights: [] }).health).toEqual(without);
  });

  it("one-sided intervals are open at one end", () => {
    const arms = [
      { index: 0, n: 1_000, sum: 100 },
      { index: 1, n: 1_000, sum: 130 },
    ];
    const [one] = calculate({ arms, options: { sided: "greater" } }).comparisons;
    expect(one?.fixed.ci[1]).toBeNull();
    expect(one?.fixed.ci[0]).toBeGreaterThan(0);
  });

  it.each([
    [{ arms: [] }],
    [{ arms: [{ index: 1, n: 1, sum: 1 }] }],
    [{ arms: [{ index: 0, n: 1, sum: 1 }], options: { alpha: 0 } }],
    [{ arms: [{ index: 0, n: 1, sum: 1 }], options: { alpha: 1 } }],
    [{ arms: [{ index: 0, n: 1, sum: 1 }], options: { sequential_tuning: 0 } }],
    [{ metric: { kind: "mean" }, arms: [{ index: 0, n: 1, sum: 1 }] }],
  ])("refuses %j", (body) => expect(calculateBody.safeParse(body).success).toBe(false));
});

describe("sample size", () => {
  const size = (body: object) => sized(sampleSizeBody.parse(body));

  it("is known, grows for the sequence and tells the days", () => {
    const asked = { baseline: { mean: 0.1 }, lift: 0.1, units_per_day: 1_000 };
    const once = size(asked);
    // n = (z.975 + z.8)^2 (p1 q + p2' q) / d^2 is about 15,000 for 10 % against 11 %.
    expect(once.per_arm).toBeGreaterThan(14_000);
    expect(once.per_arm).toBeLessThan(16_500);
    expect(once.total).toBe(2 * (once.per_arm ?? 0));
    expect(once.days).toBeCloseTo((once.total ?? 0) / 1_000, 9);
    expect(once.summary).toContain("10.00 %");
    const anytime = size({ ...asked, sequential_tuning: 5_000 });
    expect(anytime.per_arm).toBeGreaterThan(once.per_arm ?? Infinity);
    expect(size({ ...asked, have_per_arm: once.per_arm }).days).toBe(0);
  });

  it("refuses a lift of nothing and a mean that needs a variance", () => {
    const isFine = (body: object) => sampleSizeBody.safeParse(body).success;
    expect(isFine({ baseline: { mean: 0.1 }, lift: 0 })).toBe(false);
    expect(isFine({ baseline: { mean: 12 }, lift: 0.1 })).toBe(false);
    expect(isFine({ baseline: { mean: 12, variance: 30 }, lift: 0.1 })).toBe(true);
  });
});
