import { hash32 } from "../content/hash.ts";
import type { Posterior } from "./posterior.ts";
import type { ExploredSlot, LearnerItem, SlotAction } from "./types.ts";

/** At most one place of so many is left to chance. */
export const EXPLORED_BLOCK = 10;
/** Items that an explored place may show beside the ranking's own. */
export const ALTERNATIVES = 8;
/** Places of a list that a decision remembers. */
export const REMEMBERED_PLACES = 20;
/** Probability that an explored place shows the ranking's own item, by what is known. */
const OWN_SHARE = { learning: 0.5, converged: 0.8 } as const;
/** Share of chance among alternatives that is the same for each, so that none is improbable. */
const EVEN_SHARE = 0.5;
/** Deviations added to an expected reward: optimism (LinUCB's alpha). */
const OPTIMISM = 1;
/** Difference of optimistic rewards at which one alternative is e times as probable. */
const TEMPERATURE = 0.1;

/** Uniform numbers in [0, 1), a function of the text (mulberry32). */
export function seededRandom(seed: string): () => number {
  let state = hash32(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Leaves at most one place in ten to chance. In each ten places one is drawn (in the last, shorter
 * part with as much probability as it is long); there stands the ranking's own item or one of the
 * next best, drawn by how good each could be. Everything is a function of `seed`; which place it is
 * says nothing about items, so propensities given the place are exact.
 *
 * @param list ranked items, first place first. @param next those that would follow.
 * @returns slots in the order of places; none while the learner is cold.
 */
export function exploreList(
  list: readonly LearnerItem[],
  next: readonly LearnerItem[],
  posterior: Pick<Posterior, "status" | "predict">,
  seed: string,
): ExploredSlot[] {
  const { status } = posterior;
  if (status === "cold") return [];
  const random = seededRandom(seed);
  const left = next.slice(0, ALTERNATIVES);
  const slots: ExploredSlot[] = [];
  for (let from = 0; from < list.length; from += EXPLORED_BLOCK) {
    const drawn = from + Math.floor(random() * EXPLORED_BLOCK);
    const pick = random();
    const own = list[drawn];
    if (own === undefined || left.length === 0) continue;
    const place = drawn + 1;
    const actions = actionsAt(own, left, place, posterior, OWN_SHARE[status]);
    const chosen = drawAction(actions, pick);
    if (chosen > 0) left.splice(chosen - 1, 1);
    slots.push({ place, chosen, actions });
  }
  return slots;
}

function actionsAt(
  own: LearnerItem,
  others: readonly LearnerItem[],
  place: number,
  { predict }: Pick<Posterior, "predict">,
  ownShare: number,
): SlotAction[] {
  const optimistic = others.map((item) => {
    const { mean, deviation } = predict(item, place);
    return mean + OPTIMISM * deviation;
  });
  const best = Math.max(...optimistic);
  const odds = optimistic.map((value) => Math.exp((value - best) / TEMPERATURE));
  const total = odds.reduce((sum, value) => sum + value, 0);
  const shares = odds.map((value) => EVEN_SHARE / odds.length + ((1 - EVEN_SHARE) * value) / total);
  return [
    { ...own, propensity: ownShare },
    ...others.map((item, at) => ({ ...item, propensity: (1 - ownShare) * shares[at]! })),
  ];
}

function drawAction(actions: readonly SlotAction[], pick: number): number {
  let sum = 0;
  for (const [at, { propensity }] of actions.entries()) {
    sum += propensity;
    if (pick < sum) return at;
  }
  return actions.length - 1;
}
