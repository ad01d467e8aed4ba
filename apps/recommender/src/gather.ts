import {
  mergeCandidates,
  popularCandidates,
  trendingCandidates,
  type Candidate,
  type CandidateQuery,
  type ContentItem,
} from "@signalpath/domain";
import type { ContentFilter, ContentStore } from "@signalpath/ports";
import type { ItemStatsSnapshot } from "@signalpath/service-kit";

import { passesByContent, passesById } from "./passes-filter.ts";

/** Ids kept a tick of what trends and what is popular: more than a request takes, since filters cut. */
const HOT_IDS = 1_000;

interface HotIds {
  trending: string[];
  trending_7d: string[];
  popular: string[];
}

/** Runs the searches of a plan. */
export type Gather = (
  projectId: number,
  queries: readonly CandidateQuery[],
  filter: ContentFilter,
  snapshot: ItemStatsSnapshot | undefined,
) => Promise<Candidate[]>;

/** Candidates of a request, filters applied in every search, each item once. */
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
    projectId: number,
    ids: readonly string[],
    k: number,
    filter: ContentFilter,
  ): Promise<ContentItem[]> {
    const found: ContentItem[] = [];
    for (let at = 0; at < ids.length && found.length < k;) {
      const open: string[] = [];
      for (; at < ids.length && open.length < k; at++) {
        const id = ids[at]!;
        if (passesById(id, filter)) open.push(id);
      }
      for (const item of await content.get(projectId, open)) {
        if (found.length < k && passesByContent(item, filter)) found.push(item);
      }
    }
    return found;
  }

  async function run(
    projectId: number,
    query: CandidateQuery,
    filter: ContentFilter,
    snapshot: ItemStatsSnapshot | undefined,
  ): Promise<ContentItem[]> {
    const items = (scored: readonly { item: ContentItem }[]) => scored.map(({ item }) => item);
    switch (query.source) {
      case "vector":
        return items(await content.searchVector(projectId, query.vector, query.k, filter));
      case "tag":
        return items(await content.searchTags(projectId, query.weights, query.k, filter));
      case "near":
        return items(await content.near(projectId, query.point, query.k, filter));
      case "new":
        return items(await content.newest(projectId, query.k, filter));
      case "item_to_item":
      case "collaborative":
      case "rule":
        return byIds(projectId, query.ids, query.k, filter);
      case "trending":
      case "trending_7d":
      case "popular":
        if (snapshot === undefined) return [];
        return byIds(projectId, hotIds(snapshot)[query.source], query.k, filter);
    }
  }

  return async (projectId, queries, filter, snapshot) => {
    const found = await Promise.all(
      queries.map(async (query) => ({
        source: query.source,
        items: await run(projectId, query, filter, snapshot),
      })),
    );
    return mergeCandidates(found);
  };
}
