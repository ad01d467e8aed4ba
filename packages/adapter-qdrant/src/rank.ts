import type { ContentItem } from "@signalpath/domain";
import { createMemoryContentStore, type ContentStore, type ScoredItem } from "@signalpath/ports";

/** A search of the port, on whichever store. */
export type Search = (store: ContentStore) => Promise<ScoredItem[]>;

/** Project number inside the store that ranks; it holds one project's candidates. */
export const RANKED = 1;

/**
 * Filters, scores and orders candidates exactly as the in-process store does, by being that store:
 * the server finds candidates, its scores and ties never decide.
 */
export async function rank(
  candidates: readonly ContentItem[],
  search: Search,
): Promise<ScoredItem[]> {
  const store = createMemoryContentStore();
  await store.upsert(RANKED, candidates);
  return search(store);
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
