import type { Effect, Reading } from "./lift.ts";
import type { Sided } from "./types.ts";

interface SequentialOptions {
  /** In (0, 1). */
  alpha: number;
  /** Pair size N* at which the interval is narrowest compared with the fixed one; > 0, and fixed for the whole run. */
  tuning: number;
  sided: Sided;
}

/** rho^2 of the mixture: (-2 ln a + ln(1 - 2 ln a)) / N*. */
const rhoSquared = (alpha: number, tuning: number) =>
  (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / tuning;

/**
 * Half of the asymptotic confidence sequence (Waudby-Smith et al. 2021), in units of the standard error:
 * sqrt(N) sqrt(2 (N rho^2 + 1) / (N rho)^2 ln(sqrt(N rho^2 + 1) / a)).
 */
export function sequenceMultiplier(n: number, alpha: number, tuning: number): number {
  const spread = n * rhoSquared(alpha, tuning);
  return Math.sqrt(((2 * (spread + 1)) / spread) * (0.5 * Math.log1p(spread) - Math.log(alpha)));
}

/** The same for one side: rho of 2a, and ln(1 + sqrt(N rho^2 + 1) / (2a)). */
function oneSidedMultiplier(n: number, alpha: number, tuning: number): number {
  const spread = n * rhoSquared(2 * alpha, tuning);
  return Math.sqrt(((2 * (spread + 1)) / spread) * Math.log1p(Math.sqrt(spread + 1) / (2 * alpha)));
}

/** min(1, 1 / E), ln E = rho^2 z^2 N / (2 (N rho^2 + 1)) - ln(N rho^2 + 1) / 2: in logs, E may be 1e300. */
function twoSidedP(z: number, n: number, { alpha, tuning }: SequentialOptions): number {
  const spread = n * rhoSquared(alpha, tuning);
  const logE = (spread * z * z) / (2 * (spread + 1)) - 0.5 * Math.log1p(spread);
  return Math.min(1, Math.exp(-logE));
}

const LEAST_LOG_ALPHA = Math.log(1e-300);
const GREATEST_LOG_ALPHA = Math.log(0.4999);
const GRID = 400;
const HALVINGS = 60;

/**
 * The smallest alpha whose one-sided interval excludes 0; 1 where none does. As alpha grows, the interval narrows and
 * in the end widens again, so the first step of a grid that excludes 0 is looked for, and then the edge before it.
 */
function oneSidedP(z: number, n: number, tuning: number): number {
  if (z <= 0) return 1;
  const excludes = (logAlpha: number) => z > oneSidedMultiplier(n, Math.exp(logAlpha), tuning);
  const step = (GREATEST_LOG_ALPHA - LEAST_LOG_ALPHA) / GRID;
  let at = 0;
  while (at <= GRID && !excludes(LEAST_LOG_ALPHA + at * step)) at += 1;
  if (at > GRID) return 1;
  if (at === 0) return Math.exp(LEAST_LOG_ALPHA);
  let low = LEAST_LOG_ALPHA + (at - 1) * step;
  let high = low + step;
  for (let round = 0; round < HALVINGS; round += 1) {
    const middle = (low + high) / 2;
    if (excludes(middle)) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}

/**
 * An interval and a p-value that hold at every look, however often one looks: the share of A/A experiments whose
 * interval ever leaves 0 stays below alpha.
 */
export function alwaysValidReading(effect: Effect, options: SequentialOptions): Reading {
  const { lift, stderr, n } = effect;
  const { alpha, tuning, sided } = options;
  const z = lift / stderr;
  if (sided === "two") {
    const half = stderr * sequenceMultiplier(n, alpha, tuning);
    return { ci: [lift - half, lift + half], p: twoSidedP(z, n, options) };
  }
  // Above a half, twice alpha is no probability: the widest interval there is.
  const half =
    alpha < 0.5 ? stderr * oneSidedMultiplier(n, alpha, tuning) : Number.POSITIVE_INFINITY;
  const end = Number.isFinite(half) ? half : null;
  if (sided === "greater") {
    return { ci: [end === null ? null : lift - end, null], p: oneSidedP(z, n, tuning) };
  }
  return { ci: [null, end === null ? null : lift + end], p: oneSidedP(-z, n, tuning) };
}
