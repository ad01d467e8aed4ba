import type { ContentItem } from "@signalpath/domain";
import { createMemoryContentStore, type ContentStore, type ScoredItem } from "@signalpath/ports";

/** A search of the port, on whichever store. */
export type Search = (store: ContentStore) => Promise<ScoredItem[]>;

/** Project number inside the store that ranks; it holds one project's candidates. */
export const RANKED = 1;

/** Filters, scores and orders candidates. */
export type Rank = (candidates: readonly ContentItem[], search: Search) => Promise<ScoredItem[]>;

/**
 * Ranks exactly as the in-process store does, by being that store: the server finds candidates, its
 * scores and ties never decide. One store takes all searches in turn, because each may hold memory
 * outside the heap; it is empty between them.
 */
export function createRank(): Rank {
  const store = createMemoryContentStore();
  let turn: Promise<unknown> = Promise.resolve();
  const rank: Rank = async (candidates, search) => {
    await store.upsert(RANKED, candidates);
    try {
      return await search(store);
    } finally {
      await store.remove(
        RANKED,
        candidates.map((item) => item.item_id),
      );
    }
  };
  return (candidates, search) => {
    const mine = turn.then(() => rank(candidates, search));
    // Whoever asked hears of a failure; the next in turn does not care.
    turn = mine.catch(() => undefined);
    return mine;
  };
}

/** Candidates the server found, best first by its own score. */
export interface Found {
  /** Undefined where the item is gone. */
  item: ContentItem | undefined;
  score: number;
}

/** The server's 32-bit scores against this process's: further apart than rounding can be. */
const ROUNDING = 1e-5;
/** Fetched beyond what is asked, so that a tie at the end seldom costs a second request. */
const MARGIN = 32;

/**
 * The `k` best. Fetches more until nothing that was not fetched could be among them: everything
 * was fetched, or the last one fetched is worse than the `k`-th by more than rounding. A tie that
 * is longer than `most` ends the search with what was found, and is told to `onCut`.
 *
 * @param fetch the best `limit` by a score that is at least the true one.
 */
export async function widening(
  rank: Rank,
  k: number,
  most: number,
  fetch: (limit: number) => Promise<Found[]>,
  search: Search,
  onCut: () => void,
): Promise<ScoredItem[]> {
  for (let limit = Math.min(most, k + MARGIN); ; limit = Math.min(most, limit * 4)) {
    const found = await fetch(limit);
    const ranked = await rank(
      found.flatMap(({ item }) => item ?? []),
      search,
    );
    const last = found.at(-1);
    if (last === undefined || found.length < limit) return ranked;
    const worst = ranked[k - 1];
    if (worst !== undefined && last.score < worst.score - ROUNDING) return ranked;
    if (limit >= most) {
      onCut();
      return ranked;
    }
  }
}
