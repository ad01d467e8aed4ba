import type { Distributions } from "./types.ts";

export type SrmStatus = "ok" | "warning" | "failed" | "not_enough_traffic";

export interface SrmResult {
  /** Chance of a gap at least as large if the weights were kept, 0..1. */
  p: number;
  chi2: number;
  df: number;
  status: SrmStatus;
  /** Largest distance between the share an arm got and the share it should have, in percentage points. */
  gap_points: number;
}

const FAILED_BELOW = 0.001;
const WARNED_BELOW = 0.01;
const LEAST_UNITS = 100;
const LEAST_EXPECTED = 5;
const LEAST_GAP_POINTS = 0.1;

/**
 * Sample-ratio check: chi-square of the units counted against the weights, over arms with a weight above 0 (arms of no
 * weight, holdouts and unknown arms leave both sides). `failed` below p = .001, `warning` below .01 or when a gap
 * under .1 points is significant only because there are so many units; `not_enough_traffic` below 100 units, below 5
 * expected in any arm, or with fewer than two weighted arms.
 */
export function sampleRatio(
  arms: readonly { n: number; weight: number }[],
  dist: Distributions,
): SrmResult {
  const weighted = addable(arms.filter((arm) => arm.weight > 0));
  const units = weighted.reduce((sum, arm) => sum + arm.n, 0);
  const weight = weighted.reduce((sum, arm) => sum + arm.weight, 0);
  if (weighted.length < 2 || units === 0) {
    return { p: 1, chi2: 0, df: 0, status: "not_enough_traffic", gap_points: 0 };
  }
  let chi2 = 0;
  let leastExpected = Infinity;
  let gap = 0;
  for (const arm of weighted) {
    const expected = (arm.weight / weight) * units;
    const distance = arm.n - expected;
    chi2 += distance === 0 ? 0 : distance * (distance / expected);
    leastExpected = Math.min(leastExpected, expected);
    gap = Math.max(gap, (Math.abs(arm.n - expected) / units) * 100);
  }
  chi2 = Math.min(chi2, Number.MAX_VALUE);
  const df = weighted.length - 1;
  const p = dist.chiSquareSurvival(chi2, df);
  const enough = units >= LEAST_UNITS && leastExpected >= LEAST_EXPECTED;
  return { p, chi2, df, status: enough ? statusOf(p, gap) : "not_enough_traffic", gap_points: gap };
}

/** Counts and weights whose sums are finite: no data have larger ones, but a calculator is asked. */
function addable(arms: readonly { n: number; weight: number }[]): { n: number; weight: number }[] {
  const most = Number.MAX_VALUE / 2 / Math.max(1, arms.length);
  return arms.map(({ n, weight }) => ({ n: Math.min(n, most), weight: Math.min(weight, most) }));
}

function statusOf(p: number, gap: number): SrmStatus {
  if (p < FAILED_BELOW && gap >= LEAST_GAP_POINTS) return "failed";
  return p < WARNED_BELOW ? "warning" : "ok";
}
