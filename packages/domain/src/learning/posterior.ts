import { SCORERS, type Scorer } from "../ranking/types.ts";
import {
  FIRST_SCORER,
  fittingSums,
  LEARNER_FEATURES,
  learnerFeatures,
  STATIC_FEATURE,
  type LearnerSums,
} from "./sums.ts";
import type { LearnerItem } from "./types.ts";

/** Impressions before a learner says anything: until then lists are the static ones. */
export const COLD_BELOW = 50;
/** Mean deviation of expected rewards from which on a learner counts as converged. */
const CONVERGED_FROM = 0.025;
/** Weight of the prior in observations: calibration may move at once, weights of scorers slowly. */
const PRIOR_CALIBRATION = 1;
const PRIOR_SCORER = 10;
/** Where the static score says nothing of rewards, its weight is still this much. */
const LEAST_SLOPE = 0.1;
/** A weight moves at most this far from the static one. */
const LARGEST_SHIFT = 1;

export type LearnerStatus = "cold" | "learning" | "converged";

/** What a learner believes of one scorer. */
export interface LearnedWeight {
  scorer: Scorer;
  /** Added to the static weight. */
  shift: number;
  /** Standard deviation of the reward's slope in this scorer. */
  deviation: number;
  /** Share of the prior's variance that observations took away, [0, 1). */
  confidence: number;
}

export interface Posterior {
  status: LearnerStatus;
  n: number;
  meanReward: number;
  weights: readonly LearnedWeight[];
  /** Added to the static weights; empty while cold. */
  shift: Readonly<Partial<Record<Scorer, number>>>;
  /** Expected reward of an item at a 1-based place, and the deviation of that expectation. */
  predict: (item: LearnerItem, place: number) => { mean: number; deviation: number };
}

/**
 * Bayesian linear regression of (reward - static score) on the features, prior mean 0: so the prior
 * mean of the reward's weights is the static weights, whatever they are for a request
 * (LinUCB's ridge estimate, Li et al., WWW 2010, around a prior instead of 0). Intercept, place and
 * a factor of the static score take up what the scale of rewards and the order of places explain;
 * `shift` is what is left for each scorer, in units of the static weights.
 */
export function posteriorOf(given: LearnerSums): Posterior {
  const sums = fittingSums(given);
  const inverse = createInverse(sums);
  const theta = inverse.apply(sums.moment);
  const noise = noiseOf(sums, theta);
  const slope = Math.max(LEAST_SLOPE, 1 + theta[STATIC_FEATURE]!);
  const isCold = sums.n < COLD_BELOW;
  const weights = SCORERS.map((scorer, at): LearnedWeight => {
    const place = FIRST_SCORER + at;
    const variance = inverse.diagonal(place);
    const moved = theta[place]! / slope;
    return {
      scorer,
      shift: isCold ? 0 : Math.min(LARGEST_SHIFT, Math.max(-LARGEST_SHIFT, moved)),
      deviation: Math.sqrt(noise * variance),
      confidence: Math.max(0, 1 - variance * priorOf(place)),
    };
  });
  const isSure = meanDeviation(sums.n, noise, inverse) <= CONVERGED_FROM;
  const moved = weights.filter(({ shift }) => shift !== 0);
  return {
    status: isCold ? "cold" : isSure ? "converged" : "learning",
    n: sums.n,
    meanReward: sums.n === 0 ? 0 : sums.rewards / sums.n,
    weights,
    shift: Object.fromEntries(moved.map(({ scorer, shift }) => [scorer, shift])),
    predict(item, place) {
      const x = learnerFeatures(item, place);
      const mean = item.static_score + x.reduce((sum, value, at) => sum + value * theta[at]!, 0);
      return { mean, deviation: Math.sqrt(noise * inverse.quadratic(x)) };
    },
  };
}

function priorOf(place: number): number {
  return place < FIRST_SCORER ? PRIOR_CALIBRATION : PRIOR_SCORER;
}

/**
 * How uncertain the expected reward of an observed item is on average: the root of
 * noise x trace(inverse x gram) / n. Weights that go together may each be uncertain for ever (the
 * static score is a sum of scorers); what they say together is not.
 */
function meanDeviation(n: number, noise: number, inverse: Inverse): number {
  let left = LEARNER_FEATURES;
  for (let at = 0; at < LEARNER_FEATURES; at++) left -= priorOf(at) * inverse.diagonal(at);
  return Math.sqrt((noise * Math.max(0, left)) / Math.max(1, n));
}

/** Variance of what the regression leaves open, with one observation of variance 1/4 beside it. */
function noiseOf({ n, squares, moment }: LearnerSums, theta: readonly number[]): number {
  const explained = theta.reduce((sum, value, at) => sum + value * moment[at]!, 0);
  return (Math.max(0, squares - explained) + 0.25) / (n + 1);
}

interface Inverse {
  apply(vector: readonly number[]): number[];
  quadratic(x: readonly number[]): number;
  diagonal(at: number): number;
}

/** Inverse of prior + gram by its Cholesky factor. */
function createInverse({ gram }: LearnerSums): Inverse {
  const size = LEARNER_FEATURES;
  const factor = Array.from({ length: size }, () => new Float64Array(size));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = gram[(row * (row + 1)) / 2 + column]! + (row === column ? priorOf(row) : 0);
      for (let k = 0; k < column; k++) sum -= factor[row]![k]! * factor[column]![k]!;
      // Subtracted observations may leave rounding behind, never less than the prior.
      factor[row]![column] =
        row === column
          ? Math.sqrt(Math.max(sum, PRIOR_CALIBRATION / 2))
          : sum / factor[column]![column]!;
    }
  }
  const forward = (vector: readonly number[]): Float64Array => {
    const y = new Float64Array(size);
    for (let row = 0; row < size; row++) {
      let sum = vector[row]!;
      for (let k = 0; k < row; k++) sum -= factor[row]![k]! * y[k]!;
      y[row] = sum / factor[row]![row]!;
    }
    return y;
  };
  const quadratic = (x: readonly number[]): number =>
    forward(x).reduce((sum, value) => sum + value * value, 0);
  return {
    quadratic,
    diagonal: (at) => quadratic(Array.from({ length: size }, (_, k) => (k === at ? 1 : 0))),
    apply(vector) {
      const y = forward(vector);
      const solution = Array.from({ length: size }, () => 0);
      for (let row = size - 1; row >= 0; row--) {
        let sum = y[row]!;
        for (let k = row + 1; k < size; k++) sum -= factor[k]![row]! * solution[k]!;
        solution[row] = sum / factor[row]![row]!;
      }
      return solution;
    },
  };
}
