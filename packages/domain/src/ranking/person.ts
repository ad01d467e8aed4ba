import { compareCodePoints } from "../events/order.ts";
import type { TagWeights, UserSignals } from "../user-model/types.ts";
import type { RankingConfig } from "./config.ts";
import { type ItemView, type ItemViews, inSteps, unitVector } from "./item-view.ts";
import type { Neighbour, RankingInput } from "./types.ts";

/** An item the person is known to care for. */
export interface Anchor {
  id: string;
  /** (0, 1]. */
  weight: number;
  /** Absent when its content is gone. */
  view: ItemView | undefined;
  neighbours: readonly Neighbour[];
}

/** Tag weights by tag number. */
export interface TagProfile {
  weights: ReadonlyMap<number, number>;
  /** Sum of all weights, those of tags no candidate carries included. */
  mass: number;
}

/** A user model made ready for scoring. */
export interface Person {
  /** Strongest first. */
  positives: Anchor[];
  /** Newest first; what was disliked is left out. */
  recents: Anchor[];
  affinity: TagProfile;
  aversion: TagProfile;
  taste: Float32Array | undefined;
  tasteAway: Float32Array | undefined;
  hours: readonly number[];
  nEvents: number;
}

type Lookups = Pick<RankingInput, "neighbours" | "content">;

/** @param decode turns the model's base64 vectors into numbers. */
export function readPerson(
  model: UserSignals,
  lookups: Lookups,
  views: ItemViews,
  config: RankingConfig,
  decode: (text: string) => Float32Array,
): Person {
  const anchor = (id: string, weight: number): Anchor => {
    const item = lookups.content(id);
    return {
      id,
      weight,
      view: item === undefined ? undefined : views.view(item),
      neighbours: lookups.neighbours(id),
    };
  };
  const recents = model.recent.filter((id) => !Object.hasOwn(model.negatives, id));
  return {
    positives: Object.entries(model.positives)
      .filter(([, weight]) => weight > 0)
      .sort(([a, x], [b, y]) => y - x || compareCodePoints(a, b))
      .map(([id, weight]) => anchor(id, Math.min(1, weight))),
    recents: recents
      .slice(0, config.recencyAnchors)
      .map((id, place) => anchor(id, config.recencyDecay ** place)),
    affinity: tagProfile(model.tag_affinity, views),
    aversion: tagProfile(netAversion(model), views),
    taste: model.taste === undefined ? undefined : unitVector(decode(model.taste)),
    tasteAway: model.taste_away === undefined ? undefined : unitVector(decode(model.taste_away)),
    hours: model.hours,
    nEvents: model.n_events,
  };
}

/** True when the model says anything about what the person likes. */
export function hasAffinity(model: UserSignals): boolean {
  return (
    model.taste !== undefined ||
    Object.values(model.positives).some((weight) => weight > 0) ||
    Object.values(model.tag_affinity).some((weight) => weight > 0)
  );
}

/** What is liked more than it is disliked repels nobody. */
function netAversion(model: UserSignals): TagWeights {
  const net: TagWeights = {};
  for (const [key, weight] of Object.entries(model.tag_aversion)) {
    const affinity = Object.hasOwn(model.tag_affinity, key) ? model.tag_affinity[key]! : 0;
    if (weight > affinity) net[key] = weight - affinity;
  }
  return net;
}

function tagProfile(tags: TagWeights, views: ItemViews): TagProfile {
  const weights = new Map<number, number>();
  let mass = 0;
  for (const [key, written] of Object.entries(tags)) {
    const weight = inSteps(written);
    if (!(weight > 0)) continue;
    mass += weight;
    const number = views.tagNumber(key);
    if (number >= 0) weights.set(number, weight);
  }
  return { weights, mass };
}
