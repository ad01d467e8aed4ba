import {
  compareCodePoints,
  seenSet,
  type CollaborativeModel,
  type TrainedCandidates,
  type UserSignals,
} from "@signalpath/domain";

import type { LiveScorer } from "./live-scorer.ts";

/** Liked items a model is asked with, strongest first. */
const MAX_LIKED = 50;
/** Of a recent item that nothing else is known about. */
const RECENT_WEIGHT = 0.1;
/** Recent items asked for the reason of an item, and for related ones: these are remembered. */
const RECENTS = 20;

/**
 * What a trained model says of a person: folded in from what they like and what they saw lately,
 * so it holds for people the model never saw and for events after its training. Undefined when it
 * knows none of these items.
 */
export function askModel(
  scorer: LiveScorer,
  model: UserSignals,
): (TrainedCandidates & CollaborativeModel) | undefined {
  const weights = new Map(
    Object.entries(model.positives)
      .filter(([, weight]) => weight > 0)
      .sort(([a, x], [b, y]) => y - x || compareCodePoints(a, b))
      .slice(0, MAX_LIKED),
  );
  const recents = model.recent
    .slice(0, RECENTS)
    .filter((id) => !Object.hasOwn(model.negatives, id));
  for (const id of recents) if (!weights.has(id)) weights.set(id, RECENT_WEIGHT);
  if (weights.size === 0) return undefined;
  const found = scorer.foldIn({ ids: [...weights.keys()], weights: [...weights.values()] });
  if (found === undefined) return undefined;
  return {
    related: (itemId) => scorer.related(itemId),
    best: (k) => found.best(k, seenSet(model)),
    scoreOf: (itemId) => found.scoreOf(itemId),
    because: (itemId) => recents.find((id) => scorer.related(id).includes(itemId)),
  };
}
