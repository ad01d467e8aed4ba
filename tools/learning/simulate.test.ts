import { createRandom } from "@signalpath/models";
import { expect, it } from "vitest";

import { simulateLearning } from "./simulate.ts";

it("a bandit begins as the static ranking, then loses less than it does; its log estimates truly", () => {
  const report = simulateLearning(1_200, createRandom(3, "learning"));
  expect(report.sameAtFirst).toBe(true);
  expect(report.late.bandit).toBeLessThan(0.8 * report.late.static);
  const last = report.curve.at(-1);
  expect(last?.bandit).toBeLessThan(last?.static ?? 0);
  expect(report.exploredShare).toBeLessThanOrEqual(0.1);
  expect(report.exploredShare).toBeGreaterThan(0.005);
  const { value, truth, low, high } = report.staticEstimate;
  expect(Math.abs(value - truth)).toBeLessThan(1.5 * (high - low));
});
