import type { ExploredSlot, LearnerItem } from "./types.ts";

/** An explored place whose item was shown, with what it earned. */
export interface LoggedSlot {
  slot: ExploredSlot;
  /** Of the item that stood there, [-1, 1]. */
  reward: number;
}

/** Expected reward of an item at a 1-based place. */
export type RewardModel = (item: LearnerItem, place: number) => number;

/** The same with whom it was shown to, and a reward model that was not fitted to its list. */
export interface CrossFittedSlot extends LoggedSlot {
  /** Rewards of one person go together, those of two do not. */
  person: string;
  expected: RewardModel;
}

/** A mean with its interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** Probabilities a policy gives to the actions of a slot; they sum to 1. */
export type Policy = (slot: ExploredSlot, expected: RewardModel) => readonly number[];

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

/**
 * The policy that shows the action a ranking scores highest; ties go to the earlier action.
 * @param scoreOf a ranking that is learned asks the third argument, which has not seen the slot.
 */
export function greedyPolicy(
  scoreOf: (item: LearnerItem, place: number, expected: RewardModel) => number,
): Policy {
  return ({ actions, place }, expected) => {
    let best = 0;
    const scores = actions.map((action) => scoreOf(action, place, expected));
    for (let at = 1; at < scores.length; at++) if (scores[at]! > scores[best]!) best = at;
    return scores.map((_, at) => (at === best ? 1 : 0));
  };
}

/**
 * What a policy would have earned in the explored places of another one (Dudik, Langford and Li,
 * ICML 2011; SNIPS: Swaminathan and Joachims, NIPS 2015). Unbiased where every action had a chance
 * and neither policy nor reward models were fitted to the slots they are asked about; wrong
 * expectations widen the doubly robust interval, they do not bias it.
 * @param z half-width of the intervals in standard errors.
 */
export function estimateOffPolicy(
  logged: readonly CrossFittedSlot[],
  policy: Policy,
  z: number = Z95,
): OffPolicyEstimates {
  const weights: number[] = [];
  const rewards: number[] = [];
  const robust: number[] = [];
  for (const { slot, reward, expected } of logged) {
    const { actions, chosen, place } = slot;
    const action = actions[chosen];
    if (action === undefined || !(action.propensity > 0)) {
      throw new RangeError("a logged action has a propensity above 0");
    }
    const wanted = policy(slot, expected);
    const weight = wanted[chosen]! / action.propensity;
    const values = actions.map((one) => expected(one, place));
    const direct = values.reduce((sum, value, at) => sum + value * wanted[at]!, 0);
    weights.push(weight);
    rewards.push(reward);
    robust.push(direct + weight * (reward - values[chosen]!));
  }
  const people = logged.map(({ person }) => person);
  const ones = logged.map(() => 1);
  const mean = (values: readonly number[]) => ratioOf({ weights: ones, values, people }, z);
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return {
    slots: logged.length,
    effective: squares === 0 ? 0 : sumOf(weights) ** 2 / squares,
    logged: mean(rewards),
    ips: mean(weights.map((weight, at) => weight * rewards[at]!)),
    snips: ratioOf({ weights, values: rewards, people }, z),
    doublyRobust: mean(robust),
    gain: mean(robust.map((value, at) => value - rewards[at]!)),
  };
}

const UNKNOWN: Estimate = {
  value: 0,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
};

/**
 * Weighted mean and its interval. Deviations are summed by person before they are squared, times
 * g / (g - 1) for g people: cluster-robust variance of a ratio by the delta method (Liang and Zeger,
 * Biometrika 73, 1986; Cameron and Miller, Journal of Human Resources 50, 2015, section II). With
 * one value a person and equal weights it is the sample variance. Unbounded for fewer than two people.
 */
function ratioOf(
  given: {
    weights: readonly number[];
    values: readonly number[];
    people: readonly string[];
  },
  z: number,
): Estimate {
  const { weights, values, people } = given;
  const total = sumOf(weights);
  if (total === 0) return UNKNOWN;
  const value = weights.reduce((sum, weight, at) => sum + weight * values[at]!, 0) / total;
  const byPerson = new Map<string, number>();
  for (const [at, person] of people.entries()) {
    const deviation = weights[at]! * (values[at]! - value);
    byPerson.set(person, (byPerson.get(person) ?? 0) + deviation);
  }
  const g = byPerson.size;
  if (g < 2) return { ...UNKNOWN, value };
  const spread = sumOf([...byPerson.values()].map((deviation) => deviation ** 2));
  const half = (z * Math.sqrt((spread * g) / (g - 1))) / total;
  return { value, low: value - half, high: value + half };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
