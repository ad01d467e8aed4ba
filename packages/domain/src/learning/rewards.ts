import { REACTIONS, type Reaction } from "../events/types.ts";

/**
 * What a person did with one item of one list. A join: outcomes of the same item are united by
 * `joinOutcomes`, whatever their order and however often one comes.
 */
export interface Outcome {
  /** A client reported that the item was really shown. */
  shown: boolean;
  /** Reactions as a set: bit i for the i-th of `REACTIONS`. */
  reactions: number;
}

/** What a reaction says of an item, [-1, 1]; those that say nothing by themselves are 0. */
const VALUE: Readonly<Record<Reaction, number>> = {
  done: 1,
  purchase: 1,
  share: 1,
  comment: 1,
  bookmark: 0.8,
  like: 0.6,
  click: 0.3,
  unlike: 0,
  rating: 0,
  snooze: 0,
  dismiss: -0.8,
  dislike: -0.8,
  report: -1,
};
const GOOD_RATING = 4;
const BAD_RATING = 2;

/** Nothing is known yet: the neutral element of `joinOutcomes`. */
export const NO_OUTCOME: Outcome = { shown: false, reactions: 0 };

/** A reaction as a set of one; a rating of 4 or 5 counts as a like, of 1 or 2 as a dislike. */
export function reactionBits(reaction: Reaction, rating?: number): number {
  if (reaction !== "rating" || rating === undefined) return bitOf(reaction);
  const as = rating >= GOOD_RATING ? "like" : rating <= BAD_RATING ? "dislike" : "rating";
  return bitOf("rating") | bitOf(as);
}

/** Union: associative, commutative, idempotent. */
export function joinOutcomes(a: Outcome, b: Outcome): Outcome {
  return { shown: a.shown || b.shown, reactions: a.reactions | b.reactions };
}

/**
 * Reward of an item that was shown, [-1, 1]: the best of what was done plus the worst; 0 for an
 * item that was seen and left. `unlike` takes a like back. Undefined while it was not shown: what
 * nobody saw tells nothing, and neither does a reaction to it.
 */
export function rewardOf({ shown, reactions }: Outcome): number | undefined {
  if (!shown) return undefined;
  let best = 0;
  let worst = 0;
  for (const reaction of REACTIONS) {
    if ((reactions & bitOf(reaction)) === 0) continue;
    if (reaction === "like" && (reactions & bitOf("unlike")) !== 0) continue;
    best = Math.max(best, VALUE[reaction]);
    worst = Math.min(worst, VALUE[reaction]);
  }
  return best + worst;
}

function bitOf(reaction: Reaction): number {
  return 1 << REACTIONS.indexOf(reaction);
}
