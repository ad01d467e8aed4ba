import type { Distributions, Interval } from "./types.ts";

export interface TwoProportions {
  z_score: number;
  p_value: number;
  significant: boolean;
  /** Percent of the control's rate; 0 when that rate is 0. */
  lift: number;
  /** Of the difference of the two rates. */
  confidence_interval: Interval;
}

interface Arm {
  n: number;
  converted: number;
}

/**
 * The two-proportion z test with a pooled rate for z and p, and unpooled variances for the interval of the difference.
 * An arm without impressions gives z 0 and p 1. `level` is the confidence level, .95 say.
 */
export function twoProportions(
  control: Arm,
  variant: Arm,
  level: number,
  dist: Distributions,
): TwoProportions {
  if (control.n === 0 || variant.n === 0) {
    return { z_score: 0, p_value: 1, significant: false, lift: 0, confidence_interval: [0, 0] };
  }
  const c = control.converted / control.n;
  const v = variant.converted / variant.n;
  const pooled = (control.converted + variant.converted) / (control.n + variant.n);
  const variance = pooled * (1 - pooled) * (1 / control.n + 1 / variant.n);
  const z = variance > 0 ? (v - c) / Math.sqrt(variance) : 0;
  const p = Math.min(1, 2 * dist.normalCdf(-Math.abs(z)));
  const unpooled = (c * (1 - c)) / control.n + (v * (1 - v)) / variant.n;
  const half = -dist.normalQuantile((1 - level) / 2) * Math.sqrt(Math.max(0, unpooled));
  return {
    z_score: z,
    p_value: p,
    significant: p < 1 - level,
    lift: c === 0 ? 0 : ((v - c) / c) * 100,
    confidence_interval: [v - c - half, v - c + half],
  };
}
