import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { SCORERS } from "../ranking/types.ts";
import { seededRandom } from "./explore.ts";
import { COLD_BELOW, posteriorOf } from "./posterior.ts";
import { addObservations, emptyLearnerSums, mergeLearnerSums, type Observation } from "./sums.ts";
import type { LearnerItem } from "./types.ts";

const item = (values: readonly number[], static_score: number): LearnerItem => ({
  item_id: "i",
  static_score,
  values,
});
const anyObservation: fc.Arbitrary<Observation> = fc
  .record({
    values: fc.array(
      fc.integer({ min: 0, max: 100 }).map((n) => n / 100),
      {
        minLength: SCORERS.length,
        maxLength: SCORERS.length,
      },
    ),
    score: fc.integer({ min: 0, max: 100 }),
    place: fc.integer({ min: 1, max: 20 }),
    reward: fc.constantFrom(-1, -0.8, 0, 0.3, 1),
  })
  .map(({ values, score, place, reward }) => ({ item: item(values, score / 100), place, reward }));

/** Rewards of one scorer alone: 0.1 + `slope` times the scorer at `which`. */
function observed(n: number, which: number, slope: number): Observation[] {
  const random = seededRandom("observed");
  return Array.from({ length: n }, () => {
    const values = SCORERS.map(() => random());
    const reward = random() < 0.1 + slope * values[which]! ? 1 : 0;
    return { item: item(values, (values[0]! + values[1]!) / 2), place: 3, reward };
  });
}

describe("a posterior", () => {
  it("of nothing is cold, moves no weight and knows nothing", () => {
    const { status, shift, weights, predict } = posteriorOf(emptyLearnerSums());
    expect({ status, shift }).toEqual({ status: "cold", shift: {} });
    expect(weights.every(({ confidence, shift: moved }) => confidence < 1e-9 && moved === 0)).toBe(
      true,
    );
    expect(
      predict(
        item(
          SCORERS.map(() => 0.5),
          0.4,
        ),
        1,
      ).mean,
    ).toBeCloseTo(0.4, 12);
  });

  it("stays static until it has seen enough", () => {
    const few = addObservations(emptyLearnerSums(), observed(COLD_BELOW - 1, 5, 0.8));
    expect(posteriorOf(few).shift).toEqual({});
    const enough = addObservations(emptyLearnerSums(), observed(COLD_BELOW, 5, 0.8));
    expect(posteriorOf(enough)).toMatchObject({ status: "learning", n: COLD_BELOW });
  });

  it("finds what rewards hang on, and is sure of it in the end", () => {
    const { status, weights } = posteriorOf(
      addObservations(emptyLearnerSums(), observed(8_000, 5, 0.8)),
    );
    const found = weights.toSorted((a, b) => b.shift - a.shift)[0];
    expect(found?.scorer).toBe(SCORERS[5]);
    expect(found?.shift).toBeGreaterThan(3 * (found?.deviation ?? 1));
    expect(status).toBe("converged");
  });

  it("is the same whatever the order, in parts or at once, and after taking one back", () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { maxLength: 30 }), anyObservation, (all, more) => {
        const whole = addObservations(emptyLearnerSums(), all);
        const half = all.length >> 1;
        const parts = mergeLearnerSums(
          addObservations(emptyLearnerSums(), all.slice(half).toReversed()),
          addObservations(emptyLearnerSums(), all.slice(0, half)),
        );
        const back = addObservations(addObservations(whole, [more]), [more], -1);
        for (const other of [parts, back]) {
          expect(other.n).toBe(whole.n);
          other.gram.forEach((value, at) => expect(value).toBeCloseTo(whole.gram[at]!, 9));
          other.moment.forEach((value, at) => expect(value).toBeCloseTo(whole.moment[at]!, 9));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("of other features than those of now begins anew", () => {
    const old = { n: 900, rewards: 90, squares: 90, gram: [900, 1, 1], moment: [1, 1] };
    expect(posteriorOf(old)).toMatchObject({ status: "cold", n: 0, shift: {} });
    expect(addObservations(old, observed(1, 0, 0.5)).n).toBe(1);
  });

  it("has finite weights whatever was observed", () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { minLength: 50, maxLength: 80 }), (all) => {
        const { weights } = posteriorOf(addObservations(emptyLearnerSums(), all));
        for (const { shift, deviation, confidence } of weights) {
          expect(Math.abs(shift)).toBeLessThanOrEqual(1);
          expect(Number.isFinite(deviation)).toBe(true);
          expect(confidence).toBeGreaterThanOrEqual(0);
          expect(confidence).toBeLessThan(1);
        }
      }),
      { numRuns: 50 },
    );
  });
});
