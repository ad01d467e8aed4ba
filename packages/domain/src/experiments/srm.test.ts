import { distributions } from "@signalpath/statistics";
import { describe, expect, it } from "vitest";

import { sampleRatio } from "./srm.ts";

const check = (counts: number[], weights: number[]) =>
  sampleRatio(
    counts.map((n, at) => ({ n, weight: weights[at] as number })),
    distributions,
  );

describe("sample ratio", () => {
  it("fails on 5200 / 4800 and not on 5050 / 4950", () => {
    expect(check([5_200, 4_800], [0.5, 0.5])).toMatchObject({ status: "failed", chi2: 16, df: 1 });
    expect(check([5_050, 4_950], [0.5, 0.5]).status).toBe("ok");
  });

  it("leaves an arm without weight out of both sides", () => {
    const { p, df } = check([1_000, 1_200, 900], [0.5, 0.5, 0]);
    expect(p).toBeCloseTo(2.0e-5, 6);
    expect(df).toBe(1);
    expect(check([1_000, 1_200], [0.5, 0.5]).p).toBe(p);
  });

  it("keeps an arm that has weight and nobody in it", () => {
    expect(check([500, 500, 0], [0.4, 0.4, 0.2]).status).toBe("failed");
  });

  it("takes weights as shares of their sum", () => {
    expect(check([400, 600], [2, 3])).toEqual(check([400, 600], [0.4, 0.6]));
  });

  it.each([
    [
      [40, 40],
      [0.5, 0.5],
    ],
    [
      [100, 2],
      [0.98, 0.02],
    ],
    [
      [1_000, 0],
      [1, 0],
    ],
    [
      [0, 0],
      [0.5, 0.5],
    ],
  ] as [number[], number[]][])("says that %j by %j is not enough traffic", (counts, weights) => {
    expect(check(counts, weights).status).toBe("not_enough_traffic");
  });

  it("warns of a gap that only its many units make significant", () => {
    const many = check([10_006_000, 9_994_000], [0.5, 0.5]);
    expect(many.p).toBeLessThan(0.01);
    expect(many.gap_points).toBeCloseTo(0.03);
    expect(many.status).toBe("warning");
    const more = check([100_080_000, 99_920_000], [0.5, 0.5]);
    expect(more.p).toBeLessThan(0.001);
    expect(more.status).toBe("warning");
  });

  it.each([
    [[1e308, 1e308], [1, 1], "ok"],
    [[1e308, 1], [1, 1], "failed"],
    [[60_000, 40_000], [1e308, 1e308], "failed"],
    [[0, 1_000], [5e-324, 1], "not_enough_traffic"],
  ] as [number[], number[], string][])("%j by %j is numbers all the same", (n, w, status) => {
    const found = check(n, w);
    expect(found.status).toBe(status);
    expect(Object.values(found).filter((one) => Number.isNaN(one) || one === Infinity)).toEqual([]);
  });

  it("keeps a p-value far below what 1 - cdf could hold", () => {
    expect(check([60_000, 40_000], [0.5, 0.5]).p).toBe(0);
    const { p } = check([51_000, 49_000], [0.5, 0.5]);
    expect(p).toBeGreaterThan(0);
    expect(p).toBeLessThan(1e-9);
  });
});
