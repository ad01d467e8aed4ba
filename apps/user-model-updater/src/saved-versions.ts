import type { UserKey } from "@signalpath/domain";
import type { ModelVersion } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

/**
 * Versions this process saved: a hint that the store may have the model already, so that it is
 * asked before a model is built in vain. The store alone decides.
 */
export interface SavedVersions {
  has(key: UserKey, version: ModelVersion): boolean;
  set(key: UserKey, version: ModelVersion): void;
  forget(key: UserKey): void;
  forgetAll(): void;
}

export function createSavedVersions(max: number): SavedVersions {
  const versions = new LRUCache<UserKey, string>({ max });
  return {
    has: (key, version) => versions.get(key) === textOf(version),
    set: (key, version) => void versions.set(key, textOf(version)),
    forget: (key) => void versions.delete(key),
    forgetAll: () => versions.clear(),
  };
}

function textOf({ revision, contentVersion, signalsVersion }: ModelVersion): string {
  return `${revision}/${contentVersion}/${signalsVersion}`;
}
