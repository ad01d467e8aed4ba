import type { UserKey } from "@signalpath/domain";
import { LRUCache } from "lru-cache";

/** The part of an answer that equal inputs share, as JSON text. */
export interface CachedList {
  strategy: "warm" | "cold";
  itemsJson: string;
  /** `"pool_size":...,"sources":{...},"ranking":"..."` */
  diagnosticsJson: string;
  empty: boolean;
}

/** Ranked lists by everything they are a function of. */
export interface ListCache {
  get(owner: UserKey | undefined, inputs: string): CachedList | undefined;
  set(owner: UserKey | undefined, inputs: string, list: CachedList): void;
  forget(owners: readonly UserKey[]): void;
  clear(): void;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Lists without an owner are cold ones: everybody without a model shares them. */
export function createListCache(maxBytes = MAX_BYTES): ListCache {
  const lists = new LRUCache<string, CachedList>({
    maxSize: maxBytes,
    sizeCalculation: (list, key) => 2 * (list.itemsJson.length + key.length) + 512,
  });
  // Keys of people have one length and no space, so a prefix is never another's.
  const keyOf = (owner: UserKey | undefined, inputs: string): string => `${owner ?? "-"} ${inputs}`;
  return {
    get: (owner, inputs) => lists.get(keyOf(owner, inputs)),
    set: (owner, inputs, list) => void lists.set(keyOf(owner, inputs), list),
    forget(owners) {
      const prefixes = owners.map((owner) => keyOf(owner, ""));
      for (const key of lists.keys()) {
        if (prefixes.some((prefix) => key.startsWith(prefix))) lists.delete(key);
      }
    },
    clear: () => lists.clear(),
  };
}
