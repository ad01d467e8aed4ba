import { describe, expect, it } from "vitest";

import { armOf, compare, rate } from "./test-arms.ts";
import type { ArmSums } from "./types.ts";

describe("CUPED", () => {
  const noise = (at: number) => ((at * 7_919) % 97) / 97 - 0.5;
  const units = (shift: number, from: number) =>
    Array.from({ length: 400 }, (_, at) => {
      const pre = 10 + 6 * noise(from + at);
      return { value: pre + shift + noise((from + at) * 31), pre };
    });

  it("narrows the interval by what the time before explains, and finds the same effect", () => {
    const [c, t] = [units(0, 0), units(0.3, 1_000)];
    const without = (list: typeof c) => list.map(({ value }) => ({ value }));
    const plain = compare([armOf(0, without(c)), armOf(1, without(t))], "mean", {
      relative: false,
    });
    const adjusted = compare([armOf(0, c), armOf(1, t)], "mean", { relative: false });
    expect(adjusted.stderr).toBeLessThan(plain.stderr / 3);
    expect(Math.abs(adjusted.lift - 0.3)).toBeLessThan(3 * adjusted.stderr);
  });

  it("changes nothing where the time before varies with nothing", () => {
    const flat = (shift: number, from: number) =>
      units(shift, from).map(({ value }) => ({ value, pre: 2 }));
    const bare = (shift: number, from: number) =>
      units(shift, from).map(({ value }) => ({ value }));
    const a = compare([armOf(0, flat(0, 0)), armOf(1, flat(1, 50))], "mean");
    const b = compare([armOf(0, bare(0, 0)), armOf(1, bare(1, 50))], "mean");
    expect(a.lift).toBeCloseTo(b.lift, 12);
    expect(a.stderr).toBeCloseTo(b.stderr, 12);
  });
});

describe("sides and prior", () => {
  const arms: [ArmSums, ArmSums] = [rate(0, 1_000, 100), rate(1, 1_000, 130)];

  it("a one-sided interval has one end, nearer than that of the two-sided one", () => {
    const two = compare(arms);
    const greater = compare(arms, "binary", { sided: "greater" });
    const lesser = compare(arms, "binary", { sided: "lesser" });
    expect(greater.fixed.ci[1]).toBeNull();
    expect(lesser.fixed.ci[0]).toBeNull();
    expect(greater.fixed.ci[0]).toBeGreaterThan(two.fixed.ci[0] as number);
    expect(greater.fixed.p).toBeCloseTo(two.fixed.p / 2, 9);
    expect(greater.fixed.p + lesser.fixed.p).toBeCloseTo(1, 9);
    expect(greater.always_valid.ci[0]).toBeGreaterThan(two.always_valid.ci[0] as number);
    expect(lesser.always_valid.p).toBe(1);
  });

  it("a one-sided always-valid p is the smallest alpha whose interval excludes 0", () => {
    const strong: [ArmSums, ArmSums] = [rate(0, 5_000, 500), rate(1, 5_000, 640)];
    const { p } = compare(strong, "binary", { sided: "greater" }).always_valid;
    const low = (alpha: number) =>
      compare(strong, "binary", { sided: "greater", alpha }).always_valid.ci[0] as number;
    expect(low(p * 1.001)).toBeGreaterThan(0);
    expect(low(p * 0.999)).toBeLessThanOrEqual(0);
  });

  it("a two-sided always-valid p at alpha puts an end of the interval on 0", () => {
    const strong: [ArmSums, ArmSums] = [rate(0, 5_000, 500), rate(1, 5_000, 600)];
    const { always_valid: at } = compare(strong, "binary", { alpha: 0.05 });
    expect(at.p < 0.05).toBe((at.ci[0] as number) > 0);
  });

  it("a proper prior draws the effect to its mean; risks differ by the posterior mean", () => {
    const flat = compare(arms).bayesian;
    const drawn = compare(arms, "binary", {
      prior: { mean: 0, stddev: 0.05, proper: true },
    }).bayesian;
    const middle = ([low, high]: typeof flat.ci) => ((low as number) + (high as number)) / 2;
    expect(middle(drawn.ci)).toBeLessThan(middle(flat.ci));
    expect(middle(drawn.ci)).toBeGreaterThan(0);
    expect(drawn.risk.keep - drawn.risk.ship).toBeCloseTo(middle(drawn.ci), 12);
    const narrow = compare(arms, "binary", {
      relative: false,
      prior: { mean: 0, stddev: 0.05, proper: true },
    });
    const expected = middle(drawn.ci) * 0.1;
    expect(middle(narrow.bayesian.ci)).toBeGreaterThan(expected * 0.8);
    expect(middle(narrow.bayesian.ci)).toBeLessThan(expected * 1.3);
  });
});
