import { type ContentItem, compareCodePoints, fold, hash32, tagKey } from "@signalpath/domain";
import type { Arena } from "@signalpath/linalg";

import { type Ranks, createIdOrder } from "./id-order.ts";
import { type VectorRows, createVectorRows } from "./vector-rows.ts";

/** What filters and searches ask of an item, worked out when it is stored. */
export interface Row {
  item: ContentItem;
  tags: readonly string[];
  /** Folded label -> tag key. A key alone does not tell: either part of it may hold a colon. */
  labels: ReadonlyMap<string, ReadonlySet<string>>;
}

/** One project's items in numbered rows, with what the searches need beside them. */
export interface MemoryIndex {
  put(item: ContentItem): void;
  drop(itemId: string): void;
  /** Undefined where the row is free. */
  rows: readonly (Row | undefined)[];
  /** By row, apart from the items: filters read these of every row, and little else. */
  hashes: readonly number[];
  /** NaN when absent. */
  publishedMs: readonly number[];
  /** NaN when absent, -Infinity where the row is free. */
  expiresMs: readonly number[];
  /** Degrees, NaN when absent or where the row is free. */
  lats: readonly number[];
  lons: readonly number[];
  rowOf(itemId: string): number | undefined;
  /** Rows that carry a tag. */
  tagged(key: string): ReadonlySet<number>;
  /** The same rows for those who go through all of them. */
  carriers(key: string): Int32Array;
  /** Canonical keys of the tags in use whose folded label is this one, in code point order. */
  keysOf(foldedLabel: string): string[];
  /** Vectors of one length; undefined when no item ever had one. */
  vectors(dimensions: number): VectorRows | undefined;
  /** Rows in the code point order of their ids. */
  ranks(): Ranks;
  size(): number;
}

const NOTHING: ReadonlySet<number> = new Set();
const NO_ROWS = new Int32Array(0);

/**
 * Rows are reused after a removal, so the blocks grow with the most items there ever were at once.
 * @param arena where vectors are kept; asked for with the first one.
 */
export function createMemoryIndex(arena: () => Arena): MemoryIndex {
  const rows: (Row | undefined)[] = [];
  const hashes: number[] = [];
  const publishedMs: number[] = [];
  const expiresMs: number[] = [];
  const lats: number[] = [];
  const lons: number[] = [];
  const free: number[] = [];
  const rowOf = new Map<string, number>();
  const postings = new Map<string, Set<number>>();
  /** Postings as they were last asked for, until they change. */
  const listed = new Map<string, Int32Array>();
  /** Folded label -> tag key -> how many items carry it under that label. */
  const byLabel = new Map<string, Map<string, number>>();
  const vectors = new Map<number, VectorRows>();
  const order = createIdOrder((row) => rows[row]!.item.item_id);

  const count = (row: Row, by: 1 | -1): void => {
    for (const [label, own] of row.labels) {
      const keys = byLabel.get(label) ?? new Map<string, number>();
      for (const key of own) {
        const carriers = (keys.get(key) ?? 0) + by;
        if (carriers > 0) keys.set(key, carriers);
        else keys.delete(key);
      }
      if (keys.size > 0) byLabel.set(label, keys);
      else byLabel.delete(label);
    }
  };
  const unlink = (at: number, row: Row): void => {
    for (const tag of row.tags) {
      const posting = postings.get(tag);
      listed.delete(tag);
      posting?.delete(at);
      if (posting?.size === 0) postings.delete(tag);
    }
    count(row, -1);
    if (row.item.vector !== undefined) vectors.get(row.item.vector.length)?.clear(at);
  };
  const link = (at: number, row: Row): void => {
    for (const tag of row.tags) {
      const posting = postings.get(tag);
      listed.delete(tag);
      if (posting === undefined) postings.set(tag, new Set([at]));
      else posting.add(at);
    }
    count(row, 1);
    const { vector } = row.item;
    if (vector === undefined) return;
    let block = vectors.get(vector.length);
    if (block === undefined) {
      vectors.set(vector.length, (block = createVectorRows(arena(), vector.length)));
    }
    block.set(at, vector);
  };

  return {
    rows,
    hashes,
    publishedMs,
    expiresMs,
    lats,
    lons,
    put(item) {
      const known = rowOf.get(item.item_id);
      const at = known ?? free.pop() ?? rows.length;
      const before = rows[at];
      if (before !== undefined) unlink(at, before);
      if (known === undefined) {
        rowOf.set(item.item_id, at);
        order.add(at);
      }
      const row = makeRow(item);
      rows[at] = row;
      hashes[at] = hash32(item.item_id);
      publishedMs[at] = msOf(item.published_at);
      expiresMs[at] = msOf(item.expires_at);
      lats[at] = item.lat ?? Number.NaN;
      lons[at] = item.lon ?? Number.NaN;
      link(at, row);
    },
    drop(itemId) {
      const at = rowOf.get(itemId);
      if (at === undefined) return;
      unlink(at, rows[at]!);
      rows[at] = undefined;
      expiresMs[at] = Number.NEGATIVE_INFINITY;
      lats[at] = lons[at] = Number.NaN;
      rowOf.delete(itemId);
      free.push(at);
      order.drop(at);
    },
    rowOf: (itemId) => rowOf.get(itemId),
    tagged: (key) => postings.get(key) ?? NOTHING,
    carriers(key) {
      const known = listed.get(key);
      if (known !== undefined) return known;
      const posting = postings.get(key);
      if (posting === undefined) return NO_ROWS;
      const made = Int32Array.from(posting);
      listed.set(key, made);
      return made;
    },
    keysOf: (label) => [...(byLabel.get(label)?.keys() ?? [])].sort(compareCodePoints),
    vectors: (dimensions) => vectors.get(dimensions),
    ranks: () => order.ranks(),
    size: () => rowOf.size,
  };
}

function makeRow(given: ContentItem): Row {
  // A copy: what the caller does to its object afterwards must not reach the index.
  const item = structuredClone(given);
  const labels = new Map<string, Set<string>>();
  for (const tag of item.tags) {
    const label = fold(tag.label);
    labels.set(label, (labels.get(label) ?? new Set()).add(tagKey(tag)));
  }
  return { item, labels, tags: [...new Set(item.tags.map(tagKey))] };
}

function msOf(iso: string | undefined): number {
  return iso === undefined ? Number.NaN : Date.parse(iso);
}
