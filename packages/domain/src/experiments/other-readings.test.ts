import { distributions } from "@signalpath/statistics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { foldExposures, isFlipped, joinExposures, type Exposure } from "./exposure.ts";
import { adjustedInterval, adjustP } from "./multiple-testing.ts";
import { daysToAnswer, minimumDetectableEffect, powerOf, sampleSize } from "./power.ts";
import { twoProportions } from "./two-proportions.ts";

describe("two proportions", () => {
  it.each([
    [1_000, 100, 1_000, 130, 0.95, 2.1027, 0.035488, 30, [0.002068, 0.057932], true],
    [1_000, 100, 1_000, 130, 0.99, 2.1027, 0.035488, 30, [-0.006709, 0.066709], false],
    [5_230, 412, 5_180, 467, 0.95, 2.0876, 0.036833, 14.44, [0.000695, 0.022061], true],
    [100, 0, 100, 10, 0.95, 3.2444, 0.001177, 0, null, true],
  ] as const)("%i/%i against %i/%i at %f", (n1, x1, n2, x2, level, z, p, lift, ci, significant) => {
    const got = twoProportions(
      { n: n1, converted: x1 },
      { n: n2, converted: x2 },
      level,
      distributions,
    );
    expect(got.z_score).toBeCloseTo(z, 4);
    expect(got.p_value).toBeCloseTo(p, 6);
    expect(got.lift).toBeCloseTo(lift, 2);
    expect(got.significant).toBe(significant);
    if (ci) ci.forEach((end, at) => expect(got.confidence_interval[at]).toBeCloseTo(end, 6));
  });

  it("an arm without impressions says nothing", () => {
    const got = twoProportions(
      { n: 0, converted: 0 },
      { n: 10, converted: 3 },
      0.95,
      distributions,
    );
    expect(got).toMatchObject({ z_score: 0, p_value: 1, significant: false });
  });
});

describe("families of tests", () => {
  it("Holm and Benjamini-Hochberg by hand", () => {
    const rounded = (list: number[]) => list.map((p) => Math.round(p * 1e6) / 1e6);
    expect(rounded(adjustP([0.01, 0.04, 0.03, 0.005], "holm"))).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(rounded(adjustP([0.01, 0.04, 0.03, 0.005], "bh"))).toEqual([0.02, 0.04, 0.04, 0.02]);
    expect(adjustP([0.2, 0.9], "none")).toEqual([0.2, 0.9]);
  });

  it("never make a p smaller, keep their order, and Holm is the stricter one", () => {
    const p = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(p, (list) => {
        const holm = adjustP(list, "holm");
        const bh = adjustP(list, "bh");
        list.forEach((raw, at) => {
          expect(bh[at]).toBeGreaterThanOrEqual(raw - 1e-15);
          expect(holm[at]).toBeGreaterThanOrEqual((bh[at] as number) - 1e-12);
          list.forEach((other, of) => {
            if (raw < other) expect(holm[at]).toBeLessThanOrEqual(holm[of] as number);
          });
        });
      }),
    );
  });

  it("the interval of an adjusted p holds the raw one, and 0 exactly when p exceeds alpha", () => {
    const [low, high] = adjustedInterval(
      { lift: 0.1, ci: [0.04, 0.16], p: 0.08 },
      0.05,
      distributions,
    );
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0.16);
    expect(adjustedInterval({ lift: 0.1, ci: [0.04, 0.16], p: 1 }, 0.05, distributions)).toEqual([
      null,
      null,
    ]);
  });
});

describe("power", () => {
  const rate = { mean: 0.1, variance: 0.09 };
  const options = { alpha: 0.05, arms: 2 };

  it("a sample of the size asked for reaches the power, one unit less does not", () => {
    const n = sampleSize(rate, 0.1, { ...options, power: 0.8 }, distributions) as number;
    expect(powerOf(rate, 0.1, n, options, distributions)).toBeGreaterThanOrEqual(0.8);
    expect(powerOf(rate, 0.1, n - 1, options, distributions)).toBeLessThan(0.8);
    expect(n).toBeGreaterThan(14_000);
    expect(n).toBeLessThan(17_000);
  });

  it("the detectable effect is found with that power", () => {
    const effect = minimumDetectableEffect(
      rate,
      10_000,
      { ...options, power: 0.8 },
      distributions,
    ) as number;
    expect(powerOf(rate, effect, 10_000, options, distributions)).toBeCloseTo(0.8, 2);
    expect(minimumDetectableEffect(rate, 20, { ...options, power: 0.8 }, distributions)).toBeNull();
  });

  it("reading at every look costs units", () => {
    const fixed = sampleSize(rate, 0.1, { ...options, power: 0.8 }, distributions) as number;
    const peeked = { ...options, power: 0.8, sequentialTuning: 5_000 };
    const sequential = sampleSize(rate, 0.1, peeked, distributions) as number;
    expect(sequential / fixed).toBeGreaterThan(1.5);
    expect(sequential / fixed).toBeLessThan(4);
  });

  it("days follow the traffic; none, no answer", () => {
    const base = { needPerArm: 1_000, havePerArm: 400, arms: 2 };
    expect(daysToAnswer({ ...base, unitsPerDay: 300 })).toBe(4);
    expect(daysToAnswer({ ...base, unitsPerDay: 0 })).toBeNull();
    expect(daysToAnswer({ ...base, havePerArm: 1_000, unitsPerDay: 0 })).toBe(0);
    expect(daysToAnswer({ ...base, needPerArm: null, unitsPerDay: 5 })).toBeNull();
    expect(sampleSize(rate, 0, { ...options, power: 0.8 }, distributions)).toBeNull();
  });
});

describe("exposures", () => {
  const exposure: fc.Arbitrary<Exposure> = fc.record({
    unit: fc.constantFrom("a", "b", "c"),
    variation_index: fc.integer({ min: 0, max: 2 }),
    occurred_at: fc.integer({ min: 0, max: 5 }).map((n) => `2026-06-0${n + 1}T00:00:00.000Z`),
  });

  it("any order, any batching, any repetition: the same rows", () => {
    fc.assert(
      fc.property(fc.array(exposure), fc.nat(), (list, cut) => {
        const whole = foldExposures(list);
        const at = list.length === 0 ? 0 : cut % list.length;
        const parts = [
          ...foldExposures(list.slice(at)),
          ...foldExposures(list.slice(0, at)),
          ...whole,
        ];
        const joined = new Map<string, (typeof whole)[number]>();
        for (const row of parts.toReversed()) {
          const seen = joined.get(row.unit);
          joined.set(row.unit, seen ? joinExposures(seen, row) : row);
        }
        expect(whole.map((row) => joined.get(row.unit))).toEqual(whole);
      }),
    );
  });

  it("the first by event time stands, and a unit of two variations is flipped once", () => {
    const at = (variation_index: number, day: number): Exposure => ({
      unit: "u",
      variation_index,
      occurred_at: `2026-06-0${day}T00:00:00.000Z`,
    });
    const [row] = foldExposures([at(0, 3), at(1, 2), at(0, 1)]);
    expect(row).toMatchObject({
      variation_index: 0,
      first_exposed_at: "2026-06-01T00:00:00.000Z",
      lo: 0,
      hi: 1,
    });
    expect(isFlipped(row as NonNullable<typeof row>)).toBe(true);
    expect(foldExposures([at(1, 1), at(0, 1)])[0]?.variation_index).toBe(0);
  });
});
