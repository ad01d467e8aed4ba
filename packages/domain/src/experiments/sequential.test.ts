import { distributions } from "@signalpath/statistics";
import { expect, it } from "vitest";

import { compareArms, DEFAULT_CALCULATION } from "./calculate.ts";
import { sequenceMultiplier } from "./sequential.ts";
import { emptySums } from "./sums.ts";
import type { ArmSums } from "./types.ts";

const Z = 1.959963984540054;

it.each([
  [5_000, 1.55],
  [1_000, 1.72],
  [200_000, 1.75],
])("at N = %i with N* = 5000 the interval is %f times the fixed one", (n, times) => {
  expect(sequenceMultiplier(n, 0.05, 5_000) / Z).toBeCloseTo(times, 2);
});

/** A generator of numbers in [0, 1) that a seed decides (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Peeked {
  fixed: boolean;
  alwaysValid: boolean;
}

/** One A/A experiment looked at after every 1,000 units an arm: whether any look called it significant. */
function peekAt(random: () => number, looks: number): Peeked {
  const sums = [0, 0];
  const found: Peeked = { fixed: false, alwaysValid: false };
  for (let look = 1; look <= looks; look += 1) {
    for (const arm of [0, 1]) {
      for (let unit = 0; unit < 1_000; unit += 1) {
        if (random() < 0.1) sums[arm] = (sums[arm] as number) + 1;
      }
    }
    const arm = (index: number): ArmSums => ({
      ...emptySums(index),
      n: look * 1_000,
      sum: sums[index] as number,
    });
    const metric = { kind: "binary", direction: "increase" } as const;
    const read = compareArms([arm(0), arm(1)], metric, DEFAULT_CALCULATION, distributions);
    found.fixed ||= read.fixed.p < 0.05;
    found.alwaysValid ||= read.always_valid.p < 0.05;
  }
  return found;
}

it("1,000 A/A experiments with 14 looks: the fixed p cries wolf in about 23 %, the always-valid one in under 5 %", () => {
  const random = seeded(20_260_601);
  const runs = Array.from({ length: 1_000 }, () => peekAt(random, 14));
  const share = (which: keyof Peeked) => runs.filter((run) => run[which]).length / runs.length;
  expect(share("fixed")).toBeGreaterThan(0.18);
  expect(share("fixed")).toBeLessThan(0.28);
  expect(share("alwaysValid")).toBeLessThan(0.05);
});
