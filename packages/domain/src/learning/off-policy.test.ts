import { describe, expect, it } from "vitest";

import { SCORERS } from "../ranking/types.ts";
import { seededRandom } from "./explore.ts";
import { estimateOffPolicy, greedyPolicy, type LoggedSlot } from "./off-policy.ts";
import type { LearnerItem, SlotAction } from "./types.ts";

const NONE = SCORERS.map(() => 0);
const PROPENSITIES = [0.6, 0.3, 0.1];

/** Slots of three actions, of which the last earns most: 0.2, 0.3 and 0.7. */
function logged(n: number, seed: string): LoggedSlot[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => {
    const actions = PROPENSITIES.map((propensity, at): SlotAction => ({
      item_id: `a${at}`,
      static_score: at === 0 ? 1 : 0,
      values: NONE,
      propensity,
    }));
    const pick = random();
    const chosen = pick < 0.6 ? 0 : pick < 0.9 ? 1 : 2;
    const reward = random() < [0.2, 0.3, 0.7][chosen]! ? 1 : 0;
    return { slot: { place: 1, chosen, actions }, reward };
  });
}
const best = greedyPolicy(({ item_id }) => Number(item_id.slice(1)));
const nothing = (): number => 0;
const truth = ({ item_id }: LearnerItem): number => [0.2, 0.3, 0.7][Number(item_id.slice(1))]!;

describe("off-policy estimates", () => {
  it("find what a policy would earn that was seldom logged", () => {
    const found = estimateOffPolicy(logged(20_000, "one"), best, truth);
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
        const found = estimateOffPolicy(logged(400, `run ${run}`), best, model);
        for (const name of ["ips", "snips", "doublyRobust"] as const) {
          if (found[name].low <= 0.7 && 0.7 <= found[name].high) held[name] += 1;
        }
      }
      for (const count of Object.values(held)) expect(count).toBeGreaterThan(270);
    }
  });

  it("of four places are what is reckoned by hand", () => {
    // Propensities 0.5, 0.25, 0.25; the target shows the second action; expected rewards 0, 0.5, 1.
    const slotOf = (chosen: number, reward: number): LoggedSlot => ({
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
    });
    const slots = [slotOf(1, 1), slotOf(0, 0.5), slotOf(1, 0), slotOf(2, -1)];
    const second = greedyPolicy(({ item_id }) => (item_id === "a1" ? 1 : 0));
    const found = estimateOffPolicy(slots, second, ({ item_id }) => Number(item_id.slice(1)) / 2);
    // Weights 4, 0, 4, 0. Robust: 0.5 + 4 x 0.5, 0.5, 0.5 + 4 x -0.5, 0.5.
    expect(found).toMatchObject({ slots: 4, effective: 2 });
    expect(found.logged.value).toBe((1 + 0.5 + 0 - 1) / 4);
    expect(found.ips.value).toBe(4 / 4);
    expect(found.snips.value).toBe(4 / 8);
    expect(found.doublyRobust.value).toBe((2.5 + 0.5 - 1.5 + 0.5) / 4);
    expect(found.gain.value).toBe((1.5 + 0 - 1.5 + 1.5) / 4);
    // Halves: 1.96 x root of (sample variance / n), and by the delta method for the ratio.
    const half = (low: number, high: number) => (high - low) / 2;
    expect(half(found.ips.low, found.ips.high)).toBeCloseTo(1.96 * Math.sqrt(12 / 3 / 4), 3);
    expect(half(found.snips.low, found.snips.high)).toBeCloseTo((1.96 * Math.sqrt(8)) / 8, 3);
  });

  it("of the logging policy itself are what was earned", () => {
    const slots = logged(500, "same");
    const same = estimateOffPolicy(slots, () => PROPENSITIES, nothing);
    expect(same.ips.value).toBeCloseTo(same.logged.value, 12);
    expect(same.snips.value).toBeCloseTo(same.logged.value, 12);
    expect(same.gain.value).toBeCloseTo(0, 12);
    expect(same.effective).toBeCloseTo(500, 9);
  });

  it("of nothing promise nothing; a log without propensity is refused", () => {
    const { slots, gain } = estimateOffPolicy([], best, truth);
    expect({ slots, low: gain.low }).toEqual({ slots: 0, low: Number.NEGATIVE_INFINITY });
    const [one] = logged(1, "bad");
    const actions = one!.slot.actions.map((action) => ({ ...action, propensity: 0 }));
    const bad = { ...one!, slot: { ...one!.slot, actions } };
    expect(() => estimateOffPolicy([bad], best, truth)).toThrow(RangeError);
  });
});
