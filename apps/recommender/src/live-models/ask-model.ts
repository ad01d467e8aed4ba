import {
  seenSet,
  type CollaborativeModel,
  type TrainedCandidates,
  type UserSignals,
} from "@signalpath/domain";

import { foldInSeeds } from "./fold-in-seeds.ts";
import type { LiveScorer } from "./live-scorer.ts";

/**
 * What a trained model says of a person: folded in from what they like and what they came across,
 * so it holds for people the model never saw and for events after its training. Undefined when it
 * knows none of these items.
 */
export function askModel(
  scorer: LiveScorer,
  model: UserSignals,
): (TrainedCandidates & CollaborativeModel) | undefined {
  const seeds = foldInSeeds(scorer, model);
  if (seeds.ids.length === 0) return undefined;
  const found = scorer.foldIn(seeds);
  if (found === undefined) return undefined;
  const recents = model.recent.filter((id) => !Object.hasOwn(model.negatives, id));
  return {
    related: (itemId) => scorer.related(itemId),
    best: (k) => found.best(k, seenSet(model)),
    scoreOf: (itemId) => found.scoreOf(itemId),
    because: (itemId) => recents.find((id) => scorer.related(id).includes(itemId)),
  };
}
