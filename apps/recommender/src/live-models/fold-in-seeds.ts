import { rankDecay, seenSet, SIGNALS_CONFIG, type UserSignals } from "@signalpath/domain";

import type { LiveScorer, Seeds } from "./live-scorer.ts";

/** Seeds a model is asked with: each costs a row of its matrix. */
const MAX_SEEDS = 500;
/** Share of an item that is older than the newest ones: about where the decay ends. */
const OLDER = 0.1;
/** Of an item that was neither liked nor disliked: to have come across it says something. */
const NEUTRAL = 0.6;

/**
 * The items a person is folded in with. A liked item weighs 1, one that was disliked is left out,
 * any other weighs 0.6; each times a share by its age in items, as training lets weights fade: the
 * rank decay of the user model for the newest ones, 0.1 for all before. Age in days does not count.
 * Liked and newest items come first, so that the bound on their number takes from the others.
 * @param seen `seenSet` of the model, from callers that have it.
 */
export function foldInSeeds(
  scorer: Pick<LiveScorer, "known">,
  model: UserSignals,
  seen: ReadonlySet<number> = seenSet(model),
): Seeds {
  const { positives, negatives, recent } = model;
  const weights = new Map<string, number>();
  const add = (id: string, share: number): void => {
    if (weights.size >= MAX_SEEDS || weights.has(id) || Object.hasOwn(negatives, id)) return;
    const liked = Object.hasOwn(positives, id) && positives[id]! > 0;
    weights.set(id, share * (liked ? 1 : NEUTRAL));
  };
  for (const [rank, id] of recent.entries()) add(id, rankDecay(rank, SIGNALS_CONFIG.rankDecay));
  for (const id of Object.keys(positives)) add(id, OLDER);
  for (const id of scorer.known(seen)) add(id, OLDER);
  return { ids: [...weights.keys()], weights: [...weights.values()] };
}
