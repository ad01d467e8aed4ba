import type { ExploredSlot, LearnerItem } from "./types.ts";

/** An explored place whose item was shown, with what it earned. */
export interface LoggedSlot {
  slot: ExploredSlot;
  /** Of the item that stood there, [-1, 1]. */
  reward: number;
}

/** A mean with its interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** Probabilities a policy gives to the actions of a slot; they sum to 1. */
export type Policy = (slot: ExploredSlot) => readonly number[];

export interface OffPolicyEstimates {
  slots: number;
  /** Slots in which policy and log agree; few of them, wide intervals. */
  effective: number;
  /** What the logged policy earned. */
  logged: Estimate;
  /** Inverse propensity score; its self-normalised form; doubly robust. */
  ips: Estimate;
  snips: Estimate;
  doublyRobust: Estimate;
  /** Doubly robust estimate minus what was earned, slot by slot. */
  gain: Estimate;
}

/** Of a two-sided interval at 95 %. */
const Z95 = 1.959_963_984_540_054;

/** The policy that shows the action a ranking scores highest; ties go to the earlier action. */
export function greedyPolicy(scoreOf: (item: LearnerItem, place: number) => number): Policy {
  return ({ actions, place }) => {
    let best = 0;
    const scores = actions.map((action) => scoreOf(action, place));
    for (let at = 1; at < scores.length; at++) if (scores[at]! > scores[best]!) best = at;
    return scores.map((_, at) => (at === best ? 1 : 0));
  };
}

/**
 * What a policy would have earned in the explored places of another one (Dudik, Langford and Li,
 * ICML 2011; SNIPS: Swaminathan and Joachims, NIPS 2015). Unbiased where every action had a chance.
 *
 * @param rewardModel expected reward of an action; wrong values widen the doubly robust interval,
 *   they do not bias it.
 * @param z half-width of the intervals in standard errors.
 */
export function estimateOffPolicy(
  logged: readonly LoggedSlot[],
  policy: Policy,
  rewardModel: (item: LearnerItem, place: number) => number,
  z: number = Z95,
): OffPolicyEstimates {
  const n = logged.length;
  const weights: number[] = [];
  const rewards: number[] = [];
  const robust: number[] = [];
  for (const { slot, reward } of logged) {
    const { actions, chosen, place } = slot;
    const action = actions[chosen];
    if (action === undefined || !(action.propensity > 0)) {
      throw new RangeError("a logged action has a propensity above 0");
    }
    const wanted = policy(slot);
    const weight = wanted[chosen]! / action.propensity;
    const expected = actions.map((one) => rewardModel(one, place));
    const direct = expected.reduce((sum, value, at) => sum + value * wanted[at]!, 0);
    weights.push(weight);
    rewards.push(reward);
    robust.push(direct + weight * (reward - expected[chosen]!));
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return {
    slots: n,
    effective: squares === 0 ? 0 : (total * total) / squares,
    logged: meanOf(rewards, z),
    ips: meanOf(
      weights.map((weight, at) => weight * rewards[at]!),
      z,
    ),
    snips: ratioOf(weights, rewards, z),
    doublyRobust: meanOf(robust, z),
    gain: meanOf(
      robust.map((value, at) => value - rewards[at]!),
      z,
    ),
  };
}

const UNKNOWN: Estimate = {
  value: 0,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
};

/** Mean and its normal interval; unbounded for fewer than two values. */
function meanOf(values: readonly number[], z: number): Estimate {
  const n = values.length;
  if (n === 0) return UNKNOWN;
  const value = values.reduce((sum, one) => sum + one, 0) / n;
  if (n === 1) return { ...UNKNOWN, value };
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1);
  const half = z * Math.sqrt(variance / n);
  return { value, low: value - half, high: value + half };
}

/** Weighted mean and its interval by the delta method. */
function ratioOf(weights: readonly number[], rewards: readonly number[], z: number): Estimate {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return UNKNOWN;
  const value = weights.reduce((sum, weight, at) => sum + weight * rewards[at]!, 0) / total;
  const spread = weights.reduce(
    (sum, weight, at) => sum + (weight * (rewards[at]! - value)) ** 2,
    0,
  );
  const half = z * (Math.sqrt(spread) / total);
  return { value, low: value - half, high: value + half };
}
