import type { ContentItem } from "@signalpath/domain";
import type { ContentStore } from "@signalpath/ports";

import { ask, type QdrantClient } from "./client.ts";
import { type Collections, TAGS } from "./collections.ts";
import { directionOf, factsOf, payloadOf, pointId, sparseTags } from "./payload.ts";

/** Points a write carries at most: items are small, and a request may have 32 MB. */
const BATCH = 100;

type Writes = Pick<ContentStore, "upsert" | "remove">;

/**
 * Writes that are seen by every search once they resolve. An item's vector is written before the
 * item and removed after it: where a write is cut short, a search finds the old item or none,
 * never half of one, and the same call again completes it.
 */
export function createWrites(client: QdrantClient, collections: Collections): Writes {
  const removeFrom = (collection: string, ids: string[]) =>
    ask(() => client.delete(collection, { wait: true, points: ids }));

  /** Vectors of one length; answers the collection. */
  async function upsertVectors(
    projectId: number,
    dimensions: number,
    items: readonly { item: ContentItem; unit: number[] }[],
  ): Promise<string> {
    const collection = await collections.vectorsOf(dimensions);
    for (const batch of batches(items)) {
      const points = batch.map(({ item, unit }) => ({
        id: pointId(projectId, item.item_id),
        vector: unit,
        payload: { ...factsOf(projectId, item) },
      }));
      await ask(() => client.upsert(collection, { wait: true, points }));
    }
    return collection;
  }

  return {
    async upsert(projectId, given) {
      if (given.length === 0) return;
      await collections.ready();
      const items = [...new Map(given.map((item) => [item.item_id, item])).values()];
      const byLength = new Map<number, { item: ContentItem; unit: number[] }[]>();
      for (const item of items) {
        const unit = directionOf(item);
        if (unit === undefined) continue;
        const same = byLength.get(unit.length);
        if (same === undefined) byLength.set(unit.length, [{ item, unit }]);
        else same.push({ item, unit });
      }
      const home = new Map<string, string>();
      for (const [dimensions, withVector] of byLength) {
        const collection = await upsertVectors(projectId, dimensions, withVector);
        for (const { item } of withVector) home.set(item.item_id, collection);
      }
      for (const batch of batches(items)) {
        const points = batch.map((item) => ({
          id: pointId(projectId, item.item_id),
          vector: vectorsOf(item),
          payload: { ...payloadOf(projectId, item) },
        }));
        await ask(() => client.upsert(collections.items, { wait: true, points }));
      }
      // A vector an item had before, of another length or none now.
      for (const collection of await collections.allVectors()) {
        const stale = items.filter((item) => home.get(item.item_id) !== collection);
        for (const batch of batches(stale)) {
          await removeFrom(
            collection,
            batch.map((item) => pointId(projectId, item.item_id)),
          );
        }
      }
    },
    async remove(projectId, itemIds) {
      if (itemIds.length === 0) return;
      await collections.ready();
      const ids = itemIds.map((itemId) => pointId(projectId, itemId));
      for (const collection of [collections.items, ...(await collections.allVectors())]) {
        for (const batch of batches(ids)) await removeFrom(collection, batch);
      }
    },
  };
}

/** No tags, no vector: a sparse vector is never empty. */
function vectorsOf(item: ContentItem): Record<string, ReturnType<typeof sparseTags>> {
  const { tags } = factsOf(0, item);
  return tags.length === 0 ? {} : { [TAGS]: onePerTag(tags) };
}

/** Weight 1 a dimension, also where two keys share one. */
function onePerTag(tags: readonly string[]): ReturnType<typeof sparseTags> {
  const { indices } = sparseTags(tags.map((key) => [key, 1] as const));
  return { indices, values: indices.map(() => 1) };
}

function batches<T>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += BATCH) parts.push(all.slice(at, at + BATCH));
  return parts;
}
