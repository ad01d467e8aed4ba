import type { Scorer } from "../ranking/types.ts";
import { exploreList, REMEMBERED_PLACES } from "./explore.ts";
import type { Posterior } from "./posterior.ts";
import type { LearnerItem, ListDecision } from "./types.ts";

/** What a learner changes of one list. */
export interface LearnedRanking {
  /** Added to the weights that the request has; absent = nothing. */
  shift?: Readonly<Partial<Record<Scorer, number>>> | undefined;
  /** Score of an item, 0 or more, in place of the weights; absent = the weights. */
  score?: ((item: LearnerItem) => number) | undefined;
  /** What is known of rewards: decides whether and what is explored; absent = nothing is. */
  posterior?: Pick<Posterior, "status" | "predict"> | undefined;
  /** The request's id: the same seed explores the same. */
  seed: string;
}

/** Places of candidates in the order they are shown, which of them chance chose, and the record. */
export interface LearnedOrder {
  picks: number[];
  /** 1-based places that show an item of chance. */
  explored: ReadonlySet<number>;
  decision: ListDecision;
}

/**
 * The list of a learner: the ranking's own picks with explored places filled, and what a later
 * reading of rewards has to know of it.
 * @param ranked candidates, best first: `limit` to show, then the alternatives.
 */
export function learnedOrder(
  ranked: readonly number[],
  limit: number,
  itemAt: (candidate: number) => LearnerItem,
  { posterior, seed }: LearnedRanking,
): LearnedOrder {
  const own = ranked.slice(0, limit);
  const next = ranked.slice(limit);
  const items = own.map(itemAt);
  const slots =
    posterior === undefined ? [] : exploreList(items, next.map(itemAt), posterior, seed);
  const candidateOf = new Map(next.map((candidate) => [itemAt(candidate).item_id, candidate]));
  const picks = [...own];
  const explored = new Set<number>();
  for (const { place, chosen, actions } of slots) {
    const action = actions[chosen]!;
    if (chosen === 0) continue;
    picks[place - 1] = candidateOf.get(action.item_id)!;
    items[place - 1] = itemAt(picks[place - 1]!);
    explored.add(place);
  }
  return { picks, explored, decision: { items: items.slice(0, REMEMBERED_PLACES), slots } };
}
