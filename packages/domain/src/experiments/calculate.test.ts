import { distributions } from "@signalpath/statistics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { armOf, compare, rate } from "./test-arms.ts";
import { calculate, DEFAULT_CALCULATION } from "./calculate.ts";
import { emptySums, mergeSums } from "./sums.ts";
import type { ArmSums, MetricKind } from "./types.ts";

describe("reference values", () => {
  it("relative interval of 42 / 104 against 500 / 1009 by the delta method and the normal quantile", () => {
    const { lift, stderr } = compare([rate(0, 104, 42), rate(1, 1_009, 500)]);
    expect(lift - 1.96 * stderr).toBeCloseTo(-0.069, 3);
    expect(lift + 1.96 * stderr).toBeCloseTo(0.524, 3);
  });

  it("Welch's test of two samples described by mean, deviation and size", () => {
    const arm = (index: number, n: number, mean: number, variance: number): ArmSums => ({
      ...emptySums(index),
      n,
      sum: n * mean,
      sum_squares: variance * (n - 1) + n * mean * mean,
    });
    const welch = compare([arm(0, 11, 12, 39), arm(1, 13, 15, 87.5)], "mean", { relative: false });
    expect(welch.lift / welch.stderr).toBeCloseTo(0.9358461935556048, 12);
    expect(welch.fixed.p).toBeCloseTo(0.35999818693244234, 6);
  });
});

describe("errors instead of numbers", () => {
  const nothing = {
    lift: 0,
    stderr: 0,
    fixed: { ci: [0, 0], p: 1 },
    always_valid: { ci: [0, 0], p: 1 },
    bayesian: { chance_to_win: 0.5, ci: [0, 0], risk: { ship: 0, keep: 0 } },
  };
  it.each([
    ["NOT_ENOUGH_DATA", rate(0, 1, 1), rate(1, 100, 10)],
    ["NOT_ENOUGH_DATA", rate(0, 100, 0), rate(1, 0, 0)],
    ["ZERO_NEGATIVE_VARIANCE", rate(0, 100, 0), rate(1, 100, 10)],
    ["ZERO_NEGATIVE_VARIANCE", rate(0, 100, 10), rate(1, 100, 100)],
    ["ZERO_NEGATIVE_VARIANCE", rate(0, 100, 120), rate(1, 100, 10)],
  ])("%s", (error, control, treatment) => {
    expect(compare([control, treatment])).toMatchObject({ ...nothing, error });
  });

  it("BASELINE_VARIATION_ZERO only for a relative lift", () => {
    const around = (index: number, shift: number) =>
      armOf(index, [{ value: shift - 1 }, { value: shift + 1 }, { value: shift }]);
    const arms: [ArmSums, ArmSums] = [around(0, 0), around(1, 2)];
    expect(compare(arms, "mean")).toMatchObject({ ...nothing, error: "BASELINE_VARIATION_ZERO" });
    expect(compare(arms, "mean", { relative: false })).toMatchObject({ error: null, lift: 2 });
  });

  it("a ratio without a denominator has no variance", () => {
    const arms: [ArmSums, ArmSums] = [
      armOf(0, [{ value: 1 }, { value: 2 }]),
      armOf(1, [{ value: 1 }, { value: 3 }]),
    ];
    expect(compare(arms, "ratio").error).toBe("ZERO_NEGATIVE_VARIANCE");
  });

  it("sums no data can have give an error or finite numbers, never NaN", () => {
    const any = fc.double({ min: -1e200, max: 1e200, noNaN: true });
    const arm = (index: number) =>
      fc
        .tuple(fc.integer({ min: 0, max: 1e9 }), ...Array.from({ length: 8 }, () => any))
        .map((v): ArmSums => {
          const [
            n,
            sum,
            sum_squares,
            denominator_sum,
            denominator_sum_squares,
            product_sum,
            pre_sum,
            pre_sum_squares,
            pre_product_sum,
          ] = v as number[] as [
            number,
            number,
            number,
            number,
            number,
            number,
            number,
            number,
            number,
          ];
          return {
            index,
            n,
            sum,
            sum_squares,
            denominator_sum,
            denominator_sum_squares,
            product_sum,
            pre_sum,
            pre_sum_squares,
            pre_product_sum,
          };
        });
    const kind = fc.constantFrom<MetricKind>("binary", "mean", "ratio");
    const sided = fc.constantFrom("two", "greater", "lesser");
    fc.assert(
      fc.property(
        arm(0),
        arm(1),
        kind,
        sided,
        fc.boolean(),
        fc.boolean(),
        (c, t, k, s, relative, proper) => {
          const prior = { mean: 0.1, stddev: 0.3, proper };
          const text = JSON.stringify(
            compare([c, t], k, { sided: s, relative, prior }),
            (_, value) =>
              typeof value === "number" && !Number.isFinite(value) ? "broken" : (value as unknown),
          );
          expect(text).not.toContain("broken");
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

const values = fc.array(
  fc.record({
    value: fc.integer({ min: -50, max: 50 }),
    denominator: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 5, maxLength: 40 },
);

describe("laws", () => {
  it("sums merge: parts in any order and grouping give the same arm", () => {
    fc.assert(
      fc.property(values, fc.nat(), (units, cut) => {
        const at = cut % units.length;
        const merged = mergeSums(armOf(1, units.slice(at)), armOf(1, units.slice(0, at)));
        expect(merged).toEqual(armOf(1, units));
      }),
    );
  });

  it("a relative lift does not depend on the unit of measure", () => {
    fc.assert(
      fc.property(values, values, fc.constantFrom(0.5, 2, 8), (c, t, scale) => {
        const scaled = (units: typeof c) => units.map((unit) => ({ value: unit.value * scale }));
        const plain = compare([armOf(0, c), armOf(1, t)], "mean");
        const other = compare([armOf(0, scaled(c)), armOf(1, scaled(t))], "mean");
        expect(other.error).toBe(plain.error);
        expect(other.lift).toBeCloseTo(plain.lift, 6);
        expect(other.fixed.p).toBeCloseTo(plain.fixed.p, 6);
      }),
    );
  });

  it("an absolute test is symmetric: arms exchanged, lift turned, p kept, sides exchanged", () => {
    fc.assert(
      fc.property(values, values, fc.constantFrom<MetricKind>("mean", "ratio"), (c, t, kind) => {
        const arms: [ArmSums, ArmSums] = [armOf(0, c), armOf(1, t)];
        const there = compare(arms, kind, { relative: false, sided: "greater" });
        const back = compare([arms[1], arms[0]], kind, { relative: false, sided: "lesser" });
        expect(back.lift).toBeCloseTo(-there.lift, 9);
        expect(back.fixed.p).toBeCloseTo(there.fixed.p, 9);
        expect(back.always_valid.p).toBeCloseTo(there.always_valid.p, 9);
        const turned = compare(arms, kind, { relative: false }, "decrease").bayesian;
        const plain = compare(arms, kind, { relative: false }).bayesian;
        expect(turned.chance_to_win).toBeCloseTo(1 - plain.chance_to_win, 9);
        expect(turned.risk).toEqual({ ship: plain.risk.keep, keep: plain.risk.ship });
      }),
    );
  });

  it("a ratio whose denominator is always 1 is the mean", () => {
    fc.assert(
      fc.property(values, values, (c, t) => {
        const ones = (units: typeof c) => units.map(({ value }) => ({ value, denominator: 1 }));
        const arms: [ArmSums, ArmSums] = [armOf(0, ones(c)), armOf(1, ones(t))];
        const mean = compare(arms, "mean");
        const ratio = compare(arms, "ratio");
        expect(ratio.error).toBe(mean.error);
        expect(ratio.lift).toBeCloseTo(mean.lift, 9);
        expect(ratio.stderr).toBeCloseTo(mean.stderr, 9);
      }),
    );
  });
});

describe("calculate", () => {
  it("compares every arm with arm 0, in the order of their indexes", () => {
    const result = calculate(
      {
        metric: { kind: "binary", direction: "increase" },
        arms: [rate(2, 1_000, 90), rate(0, 1_000, 100), rate(1, 1_000, 130)],
        weights: [0.4, 0.3, 0.3],
        options: DEFAULT_CALCULATION,
      },
      distributions,
    );
    expect(result.comparisons.map(({ index }) => index)).toEqual([1, 2]);
    expect(result.comparisons[0]?.lift).toBeCloseTo(0.3, 12);
    expect(result.health.srm.status).toBe("failed");
  });

  it("refuses arms without a control", () => {
    const metric = { kind: "binary", direction: "increase" } as const;
    const input = { metric, arms: [rate(1, 10, 1)], options: DEFAULT_CALCULATION };
    expect(() => calculate(input, distributions)).toThrow(RangeError);
  });
});
