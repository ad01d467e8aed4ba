import {
  type ContentItem,
  type TagWeights,
  compareCodePoints,
  createTopRanks,
  distanceM,
  unitVector,
} from "@signalpath/domain";
import { type Arena, createArena } from "@signalpath/linalg";

import { rowFilter } from "./memory-filter.ts";
import { type MemoryIndex, createMemoryIndex } from "./memory-index.ts";
import { listPage } from "./memory-list.ts";
import type { ContentFilter, ContentStore, ScoredItem } from "./port.ts";

/**
 * Content held in this process: exact scans over typed arrays, posting lists per tag. 10,000 items
 * of 64 dimensions take some tenths of a millisecond a search and about 8 MB. Filters are asked of
 * rows that are good enough to be found, a small part of all. Vectors may take 4 GB.
 * The items handed out are the stored objects themselves: read, never change them.
 */
export function createMemoryContentStore(): ContentStore {
  const projects = new Map<number, MemoryIndex>();
  let arena: Arena | undefined;
  const newIndex = (): MemoryIndex => createMemoryIndex(() => (arena ??= createArena()));
  const empty = newIndex();
  const scratch: Scratch = { shares: new Float64Array(0), rows: new Int32Array(0) };
  const indexOf = (projectId: number): MemoryIndex => projects.get(projectId) ?? empty;

  return {
    async upsert(projectId, items) {
      let index = projects.get(projectId);
      if (index === undefined) projects.set(projectId, (index = newIndex()));
      for (const item of items) index.put(item);
    },
    async remove(projectId, itemIds) {
      const index = projects.get(projectId);
      if (index !== undefined) for (const id of itemIds) index.drop(id);
    },
    async get(projectId, itemIds) {
      const index = indexOf(projectId);
      const found: ContentItem[] = [];
      for (const id of itemIds) {
        const at = index.rowOf(id);
        if (at !== undefined) found.push(index.rows[at]!.item);
      }
      return found;
    },
    async searchVector(projectId, vector, k, filter) {
      const index = indexOf(projectId);
      const unit = unitVector(vector);
      const block = index.vectors(vector.length);
      if (unit === undefined || block === undefined) return [];
      return best(index, k, filter, (offer, floor) => {
        if (filter.tag === undefined) return block.scan(unit, floor, offer);
        for (const row of index.carriers(filter.tag)) {
          const cosine = block.cosine(unit, row);
          if (cosine !== undefined) offer(row, cosine);
        }
      });
    },
    async searchTags(projectId, weights, k, filter) {
      const index = indexOf(projectId);
      return best(index, k, filter, (offer, floor) =>
        tagShares(index, weights, scratch, (rows, shares, count) => {
          let least = floor();
          for (let i = 0; i < count; i++) {
            const share = shares[rows[i]!]!;
            if (share < least) continue;
            offer(rows[i]!, share);
            least = floor();
          }
        }),
      );
    },
    async near(projectId, point, k, filter) {
      const index = indexOf(projectId);
      const nearest = best(index, k, filter, (offer) => {
        for (let row = 0; row < index.rows.length; row++) {
          const lat = index.lats[row]!;
          const lon = index.lons[row]!;
          if (Number.isNaN(lat) || Number.isNaN(lon)) continue;
          offer(row, -distanceM(point, { lat, lon }));
        }
      });
      return nearest.map(({ item, score }) => ({ item, score: score === 0 ? 0 : -score }));
    },
    async newest(projectId, k, filter) {
      const index = indexOf(projectId);
      return best(index, k, filter, (offer, floor) => {
        let least = floor();
        // From the end: items are mostly stored in the order they were published.
        for (let row = index.rows.length - 1; row >= 0; row--) {
          const publishedMs = index.publishedMs[row]!;
          if (publishedMs < least) continue;
          offer(row, Number.isNaN(publishedMs) ? Number.NEGATIVE_INFINITY : publishedMs);
          least = floor();
        }
      });
    },
    async list(projectId, options) {
      return listPage(indexOf(projectId), options);
    },
    async tagKeys(projectId, foldedLabels) {
      const index = indexOf(projectId);
      const found = new Map<string, string[]>();
      for (const label of foldedLabels) {
        const keys = index.keysOf(label);
        if (keys.length > 0) found.set(label, keys);
      }
      return found;
    },
    async size(projectId) {
      return indexOf(projectId).size();
    },
    async check() {
      // Nothing to reach.
    },
  };
}

/** Offers rows with their scores; those below the floor may be left out. */
type Search = (offer: (row: number, score: number) => void, floor: () => number) => void;

/** The `k` best rows a search finds behind a filter, ties by item id. */
function best(index: MemoryIndex, k: number, filter: ContentFilter, search: Search): ScoredItem[] {
  const top = createTopRanks(k);
  const ranks = index.ranks();
  const accepts = rowFilter(index, filter);
  search(
    (row, score) => {
      const rank = ranks.of[row]!;
      // Of a row that comes too late nothing more is read: most rows end here.
      if (top.wants(rank, score) && accepts(row)) top.push(rank, score);
    },
    () => top.floor(),
  );
  return top
    .take()
    .map(({ rank, score }) => ({ item: index.rows[ranks.rows[rank]!]!.item, score }));
}

/** Memory that one search by tags leaves to the next. */
interface Scratch {
  /** By row, zeros between two searches. */
  shares: Float64Array;
  rows: Int32Array;
}

/** Tells the rows whose tags cover any of the weights, the first `count`, and the share by row. */
function tagShares(
  index: MemoryIndex,
  weights: TagWeights,
  scratch: Scratch,
  told: (rows: Int32Array, shares: Float64Array, count: number) => void,
): void {
  // In key order: sums are the same for equal weights, however they were written down.
  const keys = Object.keys(weights)
    .filter((key) => weights[key]! > 0)
    .sort(compareCodePoints);
  const mass = keys.reduce((sum, key) => sum + weights[key]!, 0);
  if (scratch.rows.length < index.rows.length) {
    scratch.shares = new Float64Array(2 * index.rows.length);
    scratch.rows = new Int32Array(2 * index.rows.length);
  }
  const { shares, rows } = scratch;
  let count = 0;
  for (const key of keys) {
    const share = weights[key]! / mass;
    // No share at all: such a row would be listed again and again.
    if (share === 0) continue;
    const carriers = index.carriers(key);
    for (let i = 0; i < carriers.length; i++) {
      const row = carriers[i]!;
      const before = shares[row]!;
      if (before === 0) rows[count++] = row;
      shares[row] = Math.min(1, before + share);
    }
  }
  try {
    told(rows, shares, count);
  } finally {
    for (let i = 0; i < count; i++) shares[rows[i]!] = 0;
  }
}
