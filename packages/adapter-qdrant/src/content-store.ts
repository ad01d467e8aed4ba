import { type ContentItem, compareCodePoints, foldTagText, unitVector } from "@signalpath/domain";
import type { ContentFilter, ContentStore } from "@signalpath/ports";

import { ask, type QdrantClient } from "./client.ts";
import { createCollections, TAGS } from "./collections.ts";
import { type Condition, type Filter, ofProject, searchable, withPlace } from "./filter.ts";
import { listPage } from "./list-page.ts";
import { nearest, type Places } from "./nearest.ts";
import { ID_KEYS, idPart, pointId, sparseTags } from "./payload.ts";
import { createPoints, type OrderKey } from "./points.ts";
import { type Found, RANKED, createRank, widening } from "./rank.ts";
import { findTagKeys } from "./tag-keys.ts";
import { createWrites } from "./writes.ts";

export interface QdrantContentStoreOptions {
  /** Name of the collection of items, and beginning of the others' (default `signalpath_content`). */
  collection?: string;
  /** Candidates a search reads at most (default 10,000); only ties longer than this are cut. */
  maxCandidates?: number;
  /** Told when a tie was cut: which of the equals are in the answer is then up to the server. */
  onCut?: (search: string) => void;
}

const BY_ID: readonly OrderKey[] = ID_KEYS.map((field, level) => ({
  field,
  direction: "asc",
  of: (item) => idPart(item.item_id, level),
}));
const BY_DATE: readonly OrderKey[] = [
  { field: "published_ms", direction: "desc", of: (item) => Date.parse(item.published_at ?? "") },
  ...BY_ID,
];

/**
 * Content in Qdrant: the server filters and finds candidates, this process filters, scores and
 * orders them with the in-process store, so both answer alike. Collections and indexes are made
 * at the first call. Every call throws UnavailableError when the server does not answer in time.
 */
export function createQdrantContentStore(
  client: QdrantClient,
  options: QdrantContentStoreOptions = {},
): ContentStore {
  const { collection = "signalpath_content", maxCandidates = 10_000, onCut } = options;
  const collections = createCollections(client, collection);
  const points = createPoints(client, collections.items);
  const rank = createRank();
  const writes = createWrites(client, collections);
  const cut = (search: string) => () => onCut?.(search);

  /** The best points of a query, with the items as they are now. */
  const finder =
    (from: string, query: Parameters<QdrantClient["query"]>[1]) =>
    async (limit: number): Promise<Found[]> => {
      const asked = { ...query, params: { exact: true }, limit, with_payload: false };
      const found = await ask(() => client.query(from, asked));
      const items = await points.retrieve(found.points.map(({ id }) => String(id)));
      return found.points.map(({ id, score }) => ({ item: items.get(String(id)), score }));
    };
  const count = async (filter: Filter) =>
    (await ask(() => client.count(collections.items, { filter, exact: true }))).count;

  return {
    upsert: writes.upsert,
    remove: writes.remove,
    async get(projectId, itemIds) {
      await collections.ready();
      const ids = itemIds.map((itemId) => pointId(projectId, itemId));
      const found = await points.retrieve([...new Set(ids)]);
      return ids.flatMap((id) => found.get(id) ?? []);
    },
    async searchVector(projectId, vector, k, filter) {
      const unit = unitVector(vector);
      if (k < 1 || unit === undefined) return [];
      await collections.ready();
      const vectors = await collections.knownVectorsOf(vector.length);
      if (vectors === undefined) return [];
      const fetch = finder(vectors, { query: [...unit], filter: searchable(projectId, filter) });
      const search = (store: ContentStore) => store.searchVector(RANKED, vector, k, filter);
      return widening(rank, k, maxCandidates, fetch, search, cut("vector"));
    },
    async searchTags(projectId, weights, k, filter) {
      const entries = Object.entries(weights).filter(([, weight]) => weight > 0);
      if (k < 1 || entries.length === 0) return [];
      await collections.ready();
      const mass = entries.reduce((sum, [, weight]) => sum + weight, 0);
      const query = sparseTags(entries.map(([key, weight]) => [key, weight / mass] as const));
      const fetch = finder(collections.items, {
        query,
        using: TAGS,
        filter: searchable(projectId, filter),
      });
      const search = (store: ContentStore) => store.searchTags(RANKED, weights, k, filter);
      return widening(rank, k, maxCandidates, fetch, search, cut("tags"));
    },
    async near(projectId, point, k, filter) {
      if (k < 1) return [];
      await collections.ready();
      const placed = (within: Condition | undefined) =>
        withPlace(searchable(projectId, filter), within);
      const places: Places = {
        count: (within) => count(placed(within)),
        read: (within, most) => points.all(placed(within), most),
      };
      const search = (store: ContentStore) => store.near(RANKED, point, k, filter);
      return nearest(rank, point, k, maxCandidates, places, search, cut("near"));
    },
    async newest(projectId, k, filter) {
      if (k < 1) return [];
      await collections.ready();
      const inOrder = newestFirst(projectId, filter, k);
      const items: ContentItem[] = [];
      const search = (store: ContentStore) => store.newest(RANKED, k, filter);
      for await (const item of inOrder) {
        items.push(item);
        // What only this process leaves out is made up for by reading on.
        if (items.length % k !== 0) continue;
        const ranked = await rank(items, search);
        if (ranked.length >= k) return ranked;
      }
      return rank(items, search);
    },
    async list(projectId, listing) {
      await collections.ready();
      const tag = listing.tag === undefined ? undefined : foldTagText(listing.tag);
      const { cursor } = listing;
      const filter = ofProject(
        projectId,
        ...(tag === undefined ? [] : [{ key: "tags", match: { value: tag } }]),
        ...(cursor === undefined ? [] : [{ key: "id_0", range: { gte: idPart(cursor, 0) } }]),
      );
      const after = (item: ContentItem) =>
        cursor === undefined || compareCodePoints(item.item_id, cursor) > 0;
      return listPage(points.inOrder(filter, BY_ID, listing.limit + 1), after, listing);
    },
    async tagKeys(projectId, foldedLabels) {
      await collections.ready();
      return findTagKeys(client, collections.items, projectId, foldedLabels);
    },
    async size(projectId) {
      await collections.ready();
      return count(ofProject(projectId));
    },
    check: () => collections.check(),
  };

  async function* newestFirst(projectId: number, filter: ContentFilter, k: number) {
    yield* points.inOrder(searchable(projectId, filter), BY_DATE, k + 1);
    const undated = searchable(projectId, filter, { is_empty: { key: "published_ms" } });
    yield* points.inOrder(undated, BY_ID, k + 1);
  }
}
