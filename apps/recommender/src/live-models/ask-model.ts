import {
  type CollaborativeModel,
  type TrainedCandidates,
  type UserSignals,
} from "@signalpath/domain";
import { LRUCache } from "lru-cache";

import { foldInSeeds } from "./fold-in-seeds.ts";
import type { FoldIn, LiveScorer } from "./live-scorer.ts";

/** Scores remembered of one trained model. */
const MAX_BYTES = 16 * 2 ** 20;

/**
 * What a trained model says of a person: folded in from what they like and what they came across,
 * so it holds for people the model never saw and for events after its training. Undefined when it
 * knows none of these items.
 * @param seen hashes of what the person has seen: nothing of it is a candidate.
 */
type AskModel = (
  scorer: LiveScorer,
  model: UserSignals,
  seen: ReadonlySet<number>,
) => (TrainedCandidates & CollaborativeModel) | undefined;

/**
 * Remembers the scores of the latest people by their user model (a new version is a new object);
 * they go with the trained model they came from.
 */
export function createAskModel(maxBytes = MAX_BYTES): AskModel {
  const memos = new WeakMap<LiveScorer, LRUCache<UserSignals, FoldIn>>();

  function foldInOf(
    scorer: LiveScorer,
    model: UserSignals,
    seen: ReadonlySet<number>,
  ): FoldIn | undefined {
    let memo = memos.get(scorer);
    if (memo === undefined) {
      memo = new LRUCache({
        maxSize: maxBytes,
        sizeCalculation: ({ bytes }) => Math.max(1, bytes),
      });
      memos.set(scorer, memo);
    }
    const known = memo.get(model);
    if (known !== undefined) return known;
    const seeds = foldInSeeds(scorer, model, seen);
    const found = seeds.ids.length === 0 ? undefined : scorer.foldIn(seeds);
    if (found !== undefined) memo.set(model, found);
    return found;
  }

  return (scorer, model, seen) => {
    const found = foldInOf(scorer, model, seen);
    if (found === undefined) return undefined;
    const recents = model.recent.filter((id) => !Object.hasOwn(model.negatives, id));
    return {
      related: (itemId) => scorer.related(itemId),
      best: (k) => found.best(k, seen),
      scoreOf: (itemId) => found.scoreOf(itemId),
      because: (itemId) => recents.find((id) => scorer.related(id).includes(itemId)),
    };
  };
}
