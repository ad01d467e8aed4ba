import type { ModelRow } from "@signalpath/model-loader";
import type { ScoredItem } from "@signalpath/models";
import { LRUCache } from "lru-cache";

/** Items of all remembered lists together: about 30 MB. */
const MOST_ITEMS = 200_000;
/** Longer lists are asked for by jobs, once each. */
const LONGEST = 100;

/** Lists that were made before. A version never changes, so a list of it holds as long as it serves. */
export interface ListMemo {
  /** @param make undefined = the version knows nothing of this user; that is remembered too. */
  list(
    row: ModelRow,
    user: string,
    k: number,
    make: () => ScoredItem[] | undefined,
  ): ScoredItem[] | undefined;
}

export function createListMemo(): ListMemo {
  const lists = new LRUCache<string, { items: ScoredItem[] | undefined }>({
    maxSize: MOST_ITEMS,
    sizeCalculation: ({ items }) => 1 + (items?.length ?? 0),
  });
  return {
    list(row, user, k, make) {
      if (k > LONGEST) return make();
      // The digest names the version; a user id may hold anything, so it comes last.
      const key = `${row.sha256}:${k}:${user}`;
      const known = lists.get(key);
      if (known !== undefined) return known.items;
      const items = make();
      lists.set(key, { items });
      return items;
    },
  };
}
