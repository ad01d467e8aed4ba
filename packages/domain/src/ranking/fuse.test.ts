import fc from "fast-check";
import { expect, test } from "vitest";

import { RANKING_CONFIG, rankingConfig } from "./config.ts";
import { contributionsOf, fusedScores, personalShare, requestWeights } from "./fuse.ts";
import type { ScorerValues } from "./score-pool.ts";
import { SCORERS, type Scorer } from "./types.ts";

const weightsOf = (values: ScorerValues, personal: number, config = RANKING_CONFIG) =>
  new Map(requestWeights(values, personal, config));

test("positive weights of scorers with evidence sum to 1, aversion stays as it is", () => {
  const some = fc.subarray([...SCORERS], { minLength: 1 });
  fc.assert(
    fc.property(some, fc.double({ min: 0, max: 1, noNaN: true }), (evident, personal) => {
      const values = Object.fromEntries(
        SCORERS.map((scorer) => [scorer, Float64Array.of(0, evident.includes(scorer) ? 0.5 : 0)]),
      );
      const used = weightsOf(values, personal);
      const positive = [...used.values()].filter((weight) => weight > 0);
      const sum = positive.reduce((total, weight) => total + weight, 0);
      if (positive.length > 0) expect(sum).toBeCloseTo(1, 12);
      expect(used.get("aversion")).toBe(evident.includes("aversion") ? -0.25 : undefined);
      for (const scorer of used.keys()) expect(evident).toContain(scorer);
    }),
  );
});

test("the personal share moves weight from the cold set to the personal one", () => {
  const values = { tag: Float64Array.of(1), trend: Float64Array.of(1) };
  const config = rankingConfig({ weights: { tag: 0.3, trend: 0.1 }, coldWeights: { trend: 1 } });
  expect(weightsOf(values, 0, config)).toEqual(new Map([["trend", 1]]));
  const half = weightsOf(values, 0.5, config);
  expect(half.get("tag")).toBeCloseTo(0.375);
  expect(half.get("trend")).toBeCloseTo(0.625);
  expect(weightsOf(values, 1, config).get("tag")).toBeCloseTo(0.75);
});

test("a set without evidence leaves its share to the other", () => {
  expect(weightsOf({ tag: Float64Array.of(1) }, 0.25)).toEqual(new Map([["tag", 1]]));
  expect(weightsOf({}, 0.5).size).toBe(0);
});

test("the personal share is n / (n + 3)", () => {
  const shares = [0, 1, 3, 27].map((n) => personalShare(n, 3));
  expect(shares).toEqual([0, 0.25, 0.5, 0.9]);
});

test("contributions sum to the score, a negative sum is lifted by its floor", () => {
  const value = fc.double({ min: 0, max: 1, noNaN: true });
  const scorers = fc.record(
    Object.fromEntries(SCORERS.map((scorer) => [scorer, value])) as Record<Scorer, typeof value>,
  );
  fc.assert(
    fc.property(scorers, (own) => {
      const values = Object.fromEntries(
        Object.entries(own).map(([scorer, one]) => [scorer, Float64Array.of(one)]),
      );
      const weights = requestWeights(values, 0.7, rankingConfig({ weights: { aversion: -1 } }));
      const [score] = fusedScores(values, weights, 1);
      const contributions = contributionsOf(values, weights, 0);
      const sum = Object.values(contributions).reduce((total, part) => total + part, 0);
      expect(Math.abs(sum - score!)).toBeLessThan(1e-9);
      expect(score).toBeGreaterThanOrEqual(0);
      if ("floor" in contributions) expect(score).toBe(0);
    }),
  );
});

test("overrides are merged member by member and leave the base alone", () => {
  const before = structuredClone(RANKING_CONFIG);
  const config = rankingConfig({ weights: { tag: 0 }, tagCap: { max: 9 }, geoScaleM: 50 });
  expect(config).toMatchObject({ geoScaleM: 50, tagCap: { max: 9, window: 10 } });
  expect(config.weights).toEqual({ ...before.weights, tag: 0 });
  expect(RANKING_CONFIG).toEqual(before);
});
