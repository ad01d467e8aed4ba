import type { UserKey, UserSignals } from "@signalpath/domain";
import type { StoredModel } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

/** A model and whose it is: the root of the identity that was asked for. */
export interface KnownModel {
  owner: UserKey;
  stored: StoredModel;
}

/** Parsed models by the key that was asked for, so that an unchanged blob is not shipped again. */
export interface ModelCache {
  get(asked: UserKey): KnownModel | undefined;
  set(asked: UserKey, known: KnownModel): void;
  /** True when there was one. */
  delete(asked: UserKey): boolean;
  /** Forgets a person under every id it was asked by. */
  forget(keys: readonly UserKey[]): void;
  clear(): void;
}

/** Estimated bytes of parsed models kept. */
const MAX_BYTES = 128 * 1024 * 1024;
/** An entry nobody asks the store about any more is personal data without a use, milliseconds. */
const TTL_MS = 3_600_000;

export function createModelCache(maxBytes = MAX_BYTES): ModelCache {
  const entries = new LRUCache<UserKey, KnownModel>({
    maxSize: maxBytes,
    sizeCalculation: ({ stored }) => estimatedBytes(stored.model),
    ttl: TTL_MS,
  });
  return {
    get: (asked) => entries.get(asked),
    set: (asked, known) => void entries.set(asked, known),
    delete: (asked) => entries.delete(asked),
    forget(keys) {
      const gone = new Set(keys);
      for (const asked of keys) {
        const known = entries.get(asked);
        if (known !== undefined) gone.add(known.owner);
      }
      for (const [asked, known] of entries.entries()) {
        if (gone.has(asked) || gone.has(known.owner)) entries.delete(asked);
      }
    },
    clear: () => entries.clear(),
  };
}

/** Rough upper bound: short strings and numbers in dictionaries, two bytes a character. */
function estimatedBytes(model: UserSignals): number {
  const entries = [
    model.positives,
    model.negatives,
    model.tag_affinity,
    model.tag_aversion,
    model.hidden_until,
    model.demographics,
  ].reduce((sum, group) => sum + Object.keys(group).length, 0);
  const text = model.seen.length + (model.taste?.length ?? 0) + (model.taste_away?.length ?? 0);
  return 2_048 + 128 * (entries + model.recent.length) + 2 * text;
}
