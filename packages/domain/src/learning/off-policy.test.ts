import { describe, expect, it } from "vitest";

import { SCORERS } from "../ranking/types.ts";
import { seededRandom } from "./explore.ts";
import {
  estimateOffPolicy,
  greedyPolicy,
  type CrossFittedSlot,
  type RewardModel,
} from "./off-policy.ts";
import type { LearnerItem, SlotAction } from "./types.ts";

const NONE = SCORERS.map(() => 0);
const PROPENSITIES = [0.6, 0.3, 0.1];

/** Slots of three actions, of which the last earns most: 0.2, 0.3 and 0.7. */
function logged(n: number, seed: string, expected: RewardModel): CrossFittedSlot[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, (_, at) => {
    const actions = PROPENSITIES.map((propensity, action): SlotAction => ({
      item_id: `a${action}`,
      static_score: action === 0 ? 1 : 0,
      values: NONE,
      propensity,
    }));
    const pick = random();
    const chosen = pick < 0.6 ? 0 : pick < 0.9 ? 1 : 2;
    const reward = random() < [0.2, 0.3, 0.7][chosen]! ? 1 : 0;
    return { slot: { place: 1, chosen, actions }, reward, person: `p${at}`, expected };
  });
}
const best = greedyPolicy(({ item_id }) => Number(item_id.slice(1)));
const nothing = (): number => 0;
const truth = ({ item_id }: LearnerItem): number => [0.2, 0.3, 0.7][Number(item_id.slice(1))]!;

describe("off-policy estimates", () => {
  it("find what a policy would earn that was seldom logged", () => {
    const found = estimateOffPolicy(logged(20_000, "one", truth), best);
    for (const estimate of [found.ips, found.snips, found.doublyRobust]) {
      expect(Math.abs(estimate.value - 0.7)).toBeLessThan(0.05);
    }
    expect(found.logged.value).toBeCloseTo(0.6 * 0.2 + 0.3 * 0.3 + 0.1 * 0.7, 1);
    expect(found.gain.low).toBeGreaterThan(0.3);
    expect(found.effective).toBeLessThan(found.slots / 5);
  });

  it("hold the truth in 95 of 100 intervals, whatever the reward model", () => {
    for (const model of [nothing, truth, () => 0.9]) {
      const held = { ips: 0, snips: 0, doublyRobust: 0 };
      for (let run = 0; run < 300; run++) {
        const found = estimateOffPolicy(logged(400, `run ${run}`, model), best);
        for (const name of ["ips", "snips", "doublyRobust"] as const) {
          if (found[name].low <= 0.7 && 0.7 <= found[name].high) held[name] += 1;
        }
      }
      for (const count of Object.values(held)) expect(count).toBeGreaterThan(270);
    }
  });

  it("of four places are what is reckoned by hand", () => {
    // Propensities 0.5, 0.25, 0.25; the target shows the second action; expected rewards 0, 0.5, 1.
    const slotOf = (chosen: number, reward: number, person: string): CrossFittedSlot => ({
      slot: {
        place: 1,
        chosen,
        actions: [0.5, 0.25, 0.25].map((propensity, at) => ({
          item_id: `a${at}`,
          static_score: 0,
          values: NONE,
          propensity,
        })),
      },
      reward,
      person,
      expected: ({ item_id }) => Number(item_id.slice(1)) / 2,
    });
    const slots = [slotOf(1, 1, "a"), slotOf(0, 0.5, "b"), slotOf(1, 0, "c"), slotOf(2, -1, "d")];
    const second = greedyPolicy(({ item_id }) => (item_id === "a1" ? 1 : 0));
    const found = estimateOffPolicy(slots, second);
    // Weights 4, 0, 4, 0. Robust: 0.5 + 4 x 0.5, 0.5, 0.5 + 4 x -0.5, 0.5.
    expect(found).toMatchObject({ slots: 4, effective: 2 });
    expect(found.logged.value).toBe((1 + 0.5 + 0 - 1) / 4);
    expect(found.ips.value).toBe(4 / 4);
    expect(found.snips.value).toBe(4 / 8);
    expect(found.doublyRobust.value).toBe((2.5 + 0.5 - 1.5 + 0.5) / 4);
    expect(found.gain.value).toBe((1.5 + 0 - 1.5 + 1.5) / 4);
    // Halves of four people: 1.96 x root of (sample variance / n); of the ratio the weighed
    // deviations are 2, 0, -2, 0.
    const half = (slots: readonly CrossFittedSlot[], name: "ips" | "snips") => {
      const { low, high } = estimateOffPolicy(slots, second)[name];
      return (high - low) / 2;
    };
    expect(half(slots, "ips")).toBeCloseTo(1.96 * Math.sqrt(12 / 3 / 4), 3);
    expect(half(slots, "snips")).toBeCloseTo((1.96 * Math.sqrt((8 * 4) / 3)) / 8, 3);
    // Of two people, who have the first and the last two: deviations 3 - 1 and -1 - 1 are summed.
    const ofTwo = slots.map((slot, at) => ({ ...slot, person: at < 2 ? "a" : "b" }));
    expect(half(ofTwo, "ips")).toBeCloseTo((1.96 * Math.sqrt((4 + 4) * 2)) / 4, 3);
    expect(half(ofTwo, "snips")).toBeCloseTo((1.96 * Math.sqrt((4 + 4) * 2)) / 8, 3);
    const ofOne = estimateOffPolicy(
      slots.map((slot) => ({ ...slot, person: "a" })),
      second,
    );
    expect(ofOne.gain).toEqual({
      value: 0.375,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
    });
  });

  it("hold the truth though a person's places go together: 40 people of ten places each", () => {
    let held = 0;
    let naive = 0;
    for (let run = 0; run < 300; run++) {
      const random = seededRandom(`people ${run}`);
      const moods = Array.from({ length: 40 }, () => (random() < 0.5 ? -0.5 : 0.5));
      const slots = logged(400, `moods ${run}`, truth).map((one, at) => ({
        ...one,
        reward: one.reward + moods[at % 40]!,
        person: `p${at % 40}`,
      }));
      const holds = ({ low, high }: { low: number; high: number }, value: number) =>
        low <= value && value <= high;
      const earned = 0.6 * 0.2 + 0.3 * 0.3 + 0.1 * 0.7;
      if (holds(estimateOffPolicy(slots, best).logged, earned)) held += 1;
      const apart = slots.map((slot, at) => ({ ...slot, person: `${at}` }));
      if (holds(estimateOffPolicy(apart, best).logged, earned)) naive += 1;
    }
    expect(held).toBeGreaterThan(270);
    expect(naive).toBeLessThan(240);
  });

  it("of the logging policy itself are what was earned", () => {
    const slots = logged(500, "same", nothing);
    const same = estimateOffPolicy(slots, () => PROPENSITIES);
    expect(same.ips.value).toBeCloseTo(same.logged.value, 12);
    expect(same.snips.value).toBeCloseTo(same.logged.value, 12);
    expect(same.gain.value).toBeCloseTo(0, 12);
    expect(same.effective).toBeCloseTo(500, 9);
  });

  it("of nothing promise nothing; a log without propensity is refused", () => {
    const { slots, gain } = estimateOffPolicy([], best);
    expect({ slots, low: gain.low }).toEqual({ slots: 0, low: Number.NEGATIVE_INFINITY });
    const [one] = logged(1, "bad", truth);
    const actions = one!.slot.actions.map((action) => ({ ...action, propensity: 0 }));
    const bad = { ...one!, slot: { ...one!.slot, actions } };
    expect(() => estimateOffPolicy([bad], best)).toThrow(RangeError);
  });
});
