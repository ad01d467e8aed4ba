import type { UserKey } from "@signalpath/domain";

import type { MemoryUserState } from "../event-buffer/memory-state.ts";
import { movedAnswer } from "../event-buffer/memory.ts";
import { MODEL_LIFE_MS } from "../user-model-store/memory.ts";
import type { FeatureStore, FeatureValues, SaveFeaturesOutcome, StoredFeature } from "./port.ts";

/** Profile features in this process, beside the buffers and models of the same state. */
export function createMemoryFeatureStore(state: MemoryUserState): FeatureStore {
  return {
    async get(key) {
      const moved = movedAnswer(state, key);
      if (moved !== undefined) return { status: "moved", to: moved.to };
      return { status: "ok", features: new Map(state.find(key)?.features) };
    },
    save: async (key, features) => save(state, key, features),
    check: async () => undefined,
  };
}

function save(state: MemoryUserState, key: UserKey, given: FeatureValues): SaveFeaturesOutcome {
  const moved = movedAnswer(state, key);
  if (moved !== undefined) return { status: "moved", to: moved.to };
  if (given.revision < (state.mark(key)?.floor ?? 0)) return { status: "below_floor" };
  const { values, ...origin } = given;
  const person = state.findOrCreate(key);
  const refused: string[] = [];
  for (const [name, value] of values) {
    if (isOlder(origin, person.features.get(name))) refused.push(name);
    else person.features.set(name, { value, ...origin });
  }
  if (refused.length < values.size) person.featuresUntil = state.now() + MODEL_LIFE_MS;
  return { status: "saved", refused };
}

function isOlder(next: Omit<StoredFeature, "value">, stored: StoredFeature | undefined): boolean {
  if (stored === undefined) return false;
  if (next.revision !== stored.revision) return next.revision < stored.revision;
  return next.computedAtMs < stored.computedAtMs;
}
