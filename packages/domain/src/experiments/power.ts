import { sequenceMultiplier } from "./sequential.ts";
import type { Distributions } from "./types.ts";

/** What is known of a metric before a test. */
export interface Baseline {
  mean: number;
  /** Of one unit; for a rate m it is m (1 - m). */
  variance: number;
}

export interface PowerOptions {
  alpha: number;
  /** Arms that share the traffic evenly, control included; at least 2. */
  arms: number;
  /** N* of the confidence sequence when the test is read by it; absent: a fixed sample. */
  sequentialTuning?: number;
}

const critical = (alpha: number, dist: Distributions) => -dist.normalQuantile(alpha / 2);

/** Standard error of a relative lift at `perArm` units an arm, the treatment's mean being m (1 + lift). */
const relativeStderr = ({ mean, variance }: Baseline, lift: number, perArm: number) =>
  Math.sqrt((variance * (1 + (1 + lift) ** 2)) / (perArm * mean ** 2));

/** How much wider than at a fixed sample the interval of the sequence is. */
function widening(perArm: number, { alpha, sequentialTuning }: PowerOptions, dist: Distributions) {
  if (sequentialTuning === undefined) return 1;
  return sequenceMultiplier(2 * perArm, alpha, sequentialTuning) / critical(alpha, dist);
}

/**
 * Chance that a test of `perArm` units an arm finds a relative lift of `lift`: 1 - Phi(z - L / se) + Phi(-z - L / se).
 * 0..1; the baseline mean must not be 0.
 */
export function powerOf(
  baseline: Baseline,
  lift: number,
  perArm: number,
  options: PowerOptions,
  dist: Distributions,
): number {
  if (perArm <= 1) return 0;
  const se = relativeStderr(baseline, lift, perArm) * widening(perArm, options, dist);
  const z = critical(options.alpha, dist);
  const shift = Math.abs(lift) / se;
  return dist.normalCdf(shift - z) + dist.normalCdf(-z - shift);
}

const MOST_UNITS = 2 ** 40;

/** Least units an arm that reach a power; null where 10^12 would not do. */
export function sampleSize(
  baseline: Baseline,
  lift: number,
  { power, ...options }: PowerOptions & { power: number },
  dist: Distributions,
): number | null {
  const reaches = (perArm: number) => powerOf(baseline, lift, perArm, options, dist) >= power;
  let high = 2;
  while (!reaches(high)) {
    if (high > MOST_UNITS) return null;
    high *= 2;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Least relative lift found with a power, by the closed form: with b = z(1 - a / 2) + z(power) and s2 = v / n the
 * larger root of (1 - b^2 s2 / m^2) x^2 - 2 m x + m^2 - b^2 s2 = 0 is the treatment's mean. Null where n <= v b^2 /
 * m^2: no lift is large enough.
 */
export function minimumDetectableEffect(
  { mean, variance }: Baseline,
  perArm: number,
  { power, ...options }: PowerOptions & { power: number },
  dist: Distributions,
): number | null {
  if (perArm <= 1 || mean === 0) return null;
  const b =
    (critical(options.alpha, dist) + dist.normalQuantile(power)) * widening(perArm, options, dist);
  const noise = (b ** 2 * variance) / perArm;
  const m = Math.abs(mean);
  const a = 1 - noise / m ** 2;
  if (a <= 0) return null;
  const root = (m + Math.sqrt(m ** 2 - a * (m ** 2 - noise))) / a;
  return (root - m) / m;
}

/**
 * Days until an answer: the units still missing over those that come a day, all arms together; 0 when there are
 * enough, null when none come or no sample is large enough.
 */
export function daysToAnswer({
  needPerArm,
  havePerArm,
  unitsPerDay,
  arms,
}: {
  needPerArm: number | null;
  havePerArm: number;
  unitsPerDay: number;
  arms: number;
}): number | null {
  if (needPerArm === null) return null;
  const missing = Math.max(0, needPerArm - havePerArm) * arms;
  if (missing === 0) return 0;
  return unitsPerDay > 0 ? missing / unitsPerDay : null;
}
