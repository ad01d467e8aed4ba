import {
  popularCandidates,
  trendingCandidates,
  type CandidateQuery,
  type ContentItem,
  type FoundItems,
  type ItemViews,
} from "@signalpath/domain";
import type { ContentFilter, ContentStore, ScoredItem } from "@signalpath/ports";
import type { ItemStatsSnapshot } from "@signalpath/service-kit";

import { passesFilter } from "./passes-filter.ts";

/** Ids kept a tick of what trends and what is popular: more than a request takes, since filters cut. */
const HOT_IDS = 1_000;
/** How much longer the next try of a search is that found too little a list may show. */
const WIDER = 4;
/**
 * Where searches by likeness end: what is still missing then is filled with the newest, which alone
 * are looked for through the whole catalogue.
 */
const WIDEST = 10_000;

interface HotIds {
  trending: string[];
  trending_7d: string[];
  popular: string[];
}

/**
 * Runs the searches of a plan.
 *
 * @param isOut items that no list of this plan shows. They use up no place of a search; the first
 *   of them are found all the same, so that it can be said what was taken out.
 */
export type Gather = (
  project: SearchedProject,
  queries: readonly CandidateQuery[],
  filter: ContentFilter,
  snapshot: ItemStatsSnapshot | undefined,
  isOut?: IsOut,
) => Promise<FoundItems[]>;

/** A catalogue and what was worked out of its items. */
export interface SearchedProject {
  id: number;
  views: ItemViews;
}

type IsOut = (item: ContentItem) => boolean;

/** Candidates as the searches found them, filters applied in each. */
export function createGather(content: ContentStore): Gather {
  const hot = new WeakMap<ItemStatsSnapshot, HotIds>();

  function hotIds(snapshot: ItemStatsSnapshot): HotIds {
    const known = hot.get(snapshot);
    if (known !== undefined) return known;
    const made = {
      trending: trendingCandidates(snapshot.signals, HOT_IDS),
      trending_7d: trendingCandidates(snapshot.signals, HOT_IDS, "7d"),
      popular: popularCandidates(snapshot.signals, HOT_IDS),
    };
    hot.set(snapshot, made);
    return made;
  }

  /** First `k` of the ids that pass. Unknown and refused ids do not use up places. */
  async function byIds(
    { id, views }: SearchedProject,
    ids: readonly string[],
    k: number,
    filter: ContentFilter,
    isOut: IsOut | undefined,
  ): Promise<ContentItem[]> {
    const found: ContentItem[] = [];
    const out: ContentItem[] = [];
    for (let at = 0; at < ids.length && found.length < k; at += k) {
      for (const item of await content.get(id, ids.slice(at, at + k))) {
        if (found.length >= k || !passesFilter(views.view(item), filter)) continue;
        if (isOut?.(item) !== true) found.push(item);
        else if (out.length < k) out.push(item);
      }
    }
    return [...found, ...out];
  }

  async function run(
    project: SearchedProject,
    query: CandidateQuery,
    filter: ContentFilter,
    snapshot: ItemStatsSnapshot | undefined,
    isOut: IsOut | undefined,
  ): Promise<ContentItem[]> {
    const { k } = query;
    const { id } = project;
    switch (query.source) {
      case "vector": {
        const { vector } = query;
        return filled(k, WIDEST, isOut, (n) => content.searchVector(id, vector, n, filter));
      }
      case "tag": {
        const { weights } = query;
        return filled(k, WIDEST, isOut, (n) => content.searchTags(id, weights, n, filter));
      }
      case "near": {
        const { point } = query;
        return filled(k, WIDEST, isOut, (n) => content.near(id, point, n, filter));
      }
      case "new":
        return filled(k, Infinity, isOut, (n) => content.newest(id, n, filter));
      case "item_to_item":
      case "collaborative":
      case "rule":
        return byIds(project, query.ids, k, filter, isOut);
      case "trending":
      case "trending_7d":
      case "popular":
        if (snapshot === undefined) return [];
        return byIds(project, hotIds(snapshot)[query.source], k, filter, isOut);
    }
  }

  return async (project, queries, filter, snapshot, isOut) => {
    const found = await Promise.all(
      queries.map((query) => run(project, query, filter, snapshot, isOut)),
    );
    return queries.map(({ source }, at) => ({ source, items: found[at]! }));
  };
}

/**
 * The first `k` that are not out, and those of the first `k` that are: so what is scored stays a
 * few hundred items, however many are out. Searches once where none of these is.
 */
async function filled(
  k: number,
  widest: number,
  isOut: IsOut | undefined,
  search: (k: number) => Promise<readonly ScoredItem[]>,
): Promise<ContentItem[]> {
  const first = (await search(k)).map(({ item }) => item);
  const out = isOut === undefined ? [] : first.filter(isOut);
  if (isOut === undefined || out.length === 0) return first;
  let kept = first.filter((item) => !isOut(item));
  // A search that found less than it was asked for has nothing more to find.
  for (let asked = k, found = first.length; found === asked && kept.length < k && asked < widest;) {
    asked = Math.min(widest, asked * WIDER);
    const scored = await search(asked);
    found = scored.length;
    kept = [];
    for (const { item } of scored) if (kept.length < k && !isOut(item)) kept.push(item);
  }
  return [...kept, ...out];
}
