import { SCORERS } from "../ranking/types.ts";
import type { LearnerItem } from "./types.ts";

/** Features that calibrate, before those that rank: intercept, place, static score. */
const CALIBRATION = 3;
/** Features of one observation: the calibration, then the scorers. */
export const LEARNER_FEATURES = CALIBRATION + SCORERS.length;
/** Where the static score stands. */
export const STATIC_FEATURE = 2;
/** Where the scorers begin. */
export const FIRST_SCORER = CALIBRATION;

/**
 * Everything a learner remembers: sums over observations, so that states merge by adding and an
 * observation is taken back by subtracting it.
 */
export interface LearnerSums {
  /** Observations: impressions with a known decision. */
  n: number;
  /** Sum of rewards. */
  rewards: number;
  /** Sum of squared residuals (reward minus static score). */
  squares: number;
  /** Sum of x x^T, lower triangle by rows. */
  gram: readonly number[];
  /** Sum of residual times x. */
  moment: readonly number[];
}

/** Nothing observed. */
export function emptyLearnerSums(): LearnerSums {
  const triangle = (LEARNER_FEATURES * (LEARNER_FEATURES + 1)) / 2;
  return {
    n: 0,
    rewards: 0,
    squares: 0,
    gram: Array.from({ length: triangle }, () => 0),
    moment: Array.from({ length: LEARNER_FEATURES }, () => 0),
  };
}

/** Features of an item at a 1-based place: 1, 1 / log2(1 + place), its static score, its scorers. */
export function learnerFeatures(item: LearnerItem, place: number): number[] {
  // A list of before a scorer was added has no value of it.
  const values = SCORERS.map((_, at) => item.values[at] ?? 0);
  return [1, 1 / Math.log2(1 + place), item.static_score, ...values];
}

/** What is observed of one impression: its features and reward. */
export interface Observation {
  item: LearnerItem;
  /** 1-based. */
  place: number;
  /** [-1, 1] */
  reward: number;
}

/**
 * The same sums, or none when they are of other features: what a version with other scorers learned
 * says nothing here, and learning begins anew.
 */
export function fittingSums(sums: LearnerSums): LearnerSums {
  return sums.moment.length === LEARNER_FEATURES ? sums : emptyLearnerSums();
}

/** Sums with these observations more, or less where `sign` is -1. */
export function addObservations(
  given: LearnerSums,
  observations: readonly Observation[],
  sign: 1 | -1 = 1,
): LearnerSums {
  const sums = fittingSums(given);
  const gram = [...sums.gram];
  const moment = [...sums.moment];
  let { n, rewards, squares } = sums;
  for (const { item, place, reward } of observations) {
    const x = learnerFeatures(item, place);
    const residual = reward - item.static_score;
    n += sign;
    rewards += sign * reward;
    squares += sign * residual * residual;
    for (let row = 0, at = 0; row < x.length; row++) {
      moment[row] = moment[row]! + sign * residual * x[row]!;
      for (let column = 0; column <= row; column++, at++) {
        gram[at] = gram[at]! + sign * x[row]! * x[column]!;
      }
    }
  }
  return { n, rewards, squares, gram, moment };
}

/** Sums of both: states of replicas merge in any order. */
export function mergeLearnerSums(a: LearnerSums, b: LearnerSums): LearnerSums {
  return {
    n: a.n + b.n,
    rewards: a.rewards + b.rewards,
    squares: a.squares + b.squares,
    gram: a.gram.map((value, at) => value + b.gram[at]!),
    moment: a.moment.map((value, at) => value + b.moment[at]!),
  };
}
