import type { Effect } from "./lift.ts";
import type { Distributions, Interval, MetricDirection } from "./types.ts";

/** Belief about the lift before the data, on the relative scale; without `proper` it is flat and the rest is not read. */
export interface Prior {
  mean: number;
  stddev: number;
  proper: boolean;
}

export interface BayesianReading {
  /** Chance that the treatment is better than the control, 0..1. */
  chance_to_win: number;
  /** Central credible interval of 1 - alpha. */
  ci: Interval;
  /** Expected loss, on the scale of the lift, of shipping the treatment and of keeping the control. */
  risk: { ship: number; keep: number };
}

interface BayesianOptions {
  alpha: number;
  relative: boolean;
  direction: MetricDirection;
  prior: Prior;
}

const density = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** Precision-weighted mean of the prior and the effect; an absolute effect takes the prior times |control mean|. */
function posterior({ lift, stderr, control_mean }: Effect, relative: boolean, prior: Prior) {
  const data = 1 / stderr ** 2;
  if (!prior.proper) return { mean: lift, sd: stderr };
  const scale = relative ? 1 : Math.abs(control_mean);
  const belief = 1 / (prior.stddev * scale) ** 2;
  // An absolute lift on a mean of 0 knows no scale: the belief is then as narrow as can be said, at 0.
  if (!Number.isFinite(belief)) return { mean: prior.mean * scale, sd: 0 };
  const precision = data + belief;
  return {
    mean: (lift * data + prior.mean * scale * belief) / precision,
    sd: Math.sqrt(1 / precision),
  };
}

/**
 * Gaussian posterior of the effect. With z = mean / sd: chance to win = Phi(z); the expected loss of keeping is
 * sd phi(z) + mean Phi(z), of shipping sd phi(z) - mean Phi(-z); both change places where less is better.
 */
export function bayesianReading(
  effect: Effect,
  { alpha, relative, direction, prior }: BayesianOptions,
  dist: Distributions,
): BayesianReading {
  const { mean, sd } = posterior(effect, relative, prior);
  const z = sd > 0 ? mean / sd : 0;
  const gain = Math.max(0, sd * density(z) + mean * dist.normalCdf(z));
  const loss = Math.max(0, sd * density(z) - mean * dist.normalCdf(-z));
  const half = -dist.normalQuantile(alpha / 2) * sd;
  const less = direction === "decrease";
  return {
    chance_to_win: dist.normalCdf(less ? -z : z),
    ci: [mean - half, mean + half],
    risk: less ? { ship: gain, keep: loss } : { ship: loss, keep: gain },
  };
}
