import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { configOf, RANKING_CONFIG } from "./config.ts";
import { SCORERS } from "./types.ts";
import { DAMPING_SCORERS, variantConfig } from "./variant.ts";

const weights = fc.dictionary(
  fc.constantFrom(...SCORERS.filter((scorer) => !DAMPING_SCORERS.includes(scorer))),
  fc.double({ min: 0, max: 10, noNaN: true }),
);

describe("a variation's ranking", () => {
  test("that changes nothing is the ranking of everybody", () => {
    expect(variantConfig({})).toEqual(RANKING_CONFIG);
    expect(variantConfig({ time_of_day: true, dismiss_damping: true })).toEqual(RANKING_CONFIG);
  });

  test("changes the scorers that are named and no other", () => {
    fc.assert(
      fc.property(weights, weights, (warm, cold) => {
        const config = variantConfig({ weights: warm, cold_weights: cold });
        expect(config.weights).toEqual({ ...RANKING_CONFIG.weights, ...warm });
        // Also while a trained model speaks, whatever that would weigh for everybody.
        expect(configOf(config, true).weights).toEqual({
          ...RANKING_CONFIG.weights,
          ...RANKING_CONFIG.modelWeights,
          ...warm,
        });
        expect(config.coldWeights).toEqual({ ...RANKING_CONFIG.coldWeights, ...cold });
      }),
    );
  });

  test("takes lambda and cap as given, 0 too", () => {
    const config = variantConfig({ mmr_lambda: 0, tag_cap: { max: 1, window: 5 } });
    expect(config).toEqual({ ...RANKING_CONFIG, mmrLambda: 0, tagCap: { max: 1, window: 5 } });
  });

  test("names as damping exactly what has a negative default", () => {
    const negative = SCORERS.filter((scorer) => RANKING_CONFIG.weights[scorer] < 0);
    expect(DAMPING_SCORERS).toEqual(negative);
  });
});
