import { type ContentItem, fold, hash32, tagKey, unitVector } from "@signalpath/domain";

import { uuidV5 } from "./uuid-v5.ts";

/** Name space of point ids; fixed for good, or every point would be stored twice. */
const POINTS = "6c1f1c0e-5f0b-5d0c-9a55-3f6f2f0f7a11";
const ID_BYTES = 6;

/** Integers that order ids: bytes 0-5, 6-11 and 12-17 of their UTF-8, whose order is the code points'. */
export const ID_KEYS = ["id_0", "id_1", "id_2"] as const;

/** What points are filtered and ordered by, in the items' and in the vectors' collections alike. */
export interface Facts {
  /** Project id as a keyword: only keywords can mark the tenant. */
  project: string;
  /** Canonical tag keys. */
  tags: string[];
  /** 32-bit hash of the item id. */
  hash: number;
  published_ms?: number;
  expires_ms?: number;
  place?: { lat: number; lon: number };
}

/** Payload of the items' collection. */
export interface ItemPayload extends Facts {
  /** The item as JSON text: its bytes come back as they were, whatever its metadata holds. */
  item: string;
  id_0: number;
  id_1: number;
  id_2: number;
  /** Folded labels of the tags. */
  labels: string[];
  /** `<folded label>\n<tag key>`: a folded text holds no line break. */
  label_keys: string[];
}

/** The same item of the same project is the same point, for every writer. */
export function pointId(projectId: number, itemId: string): string {
  return uuidV5(JSON.stringify([projectId, itemId]), POINTS);
}

export function factsOf(projectId: number, item: ContentItem): Facts {
  const { lat, lon } = item;
  return {
    project: String(projectId),
    tags: [...new Set(item.tags.map(tagKey))],
    hash: hash32(item.item_id),
    ...dated("published_ms", item.published_at),
    ...dated("expires_ms", item.expires_at),
    ...(lat === undefined || lon === undefined ? {} : { place: { lat, lon } }),
  };
}

export function payloadOf(projectId: number, item: ContentItem): ItemPayload {
  const pairs = item.tags.map((tag) => [fold(tag.label), tagKey(tag)] as const);
  const [id_0, id_1, id_2] = ID_KEYS.map((_, level) => idPart(item.item_id, level));
  return {
    ...factsOf(projectId, item),
    item: JSON.stringify(item),
    id_0: id_0!,
    id_1: id_1!,
    id_2: id_2!,
    labels: [...new Set(pairs.map(([label]) => label))],
    label_keys: [...new Set(pairs.map(([label, key]) => `${label}\n${key}`))],
  };
}

/** Six bytes of an id as an integer below 2^48, zeros after its end. */
export function idPart(itemId: string, level: number): number {
  const bytes = Buffer.alloc(ID_BYTES);
  bytes.set(Buffer.from(itemId, "utf8").subarray(level * ID_BYTES, (level + 1) * ID_BYTES));
  return bytes.readUIntBE(0, ID_BYTES);
}

/** @throws SyntaxError for a payload somebody else wrote. */
export function readItem(payload: { item?: unknown } | null | undefined): ContentItem {
  return JSON.parse(String(payload?.item)) as ContentItem;
}

/** Direction of an item's vector; undefined when it has none. */
export function directionOf(item: ContentItem): number[] | undefined {
  const unit = item.vector === undefined ? undefined : unitVector(item.vector);
  return unit && [...unit];
}

/**
 * Tags as a sparse vector, one dimension a tag: its dot product with a query is the share of the
 * weights that the item covers. Keys whose hashes meet share a dimension, so it can only be too high.
 */
export function sparseTags(weights: Iterable<readonly [key: string, weight: number]>): {
  indices: number[];
  values: number[];
} {
  const byIndex = new Map<number, number>();
  for (const [key, weight] of weights) {
    const index = hash32(key);
    byIndex.set(index, (byIndex.get(index) ?? 0) + weight);
  }
  return { indices: [...byIndex.keys()], values: [...byIndex.values()] };
}

function dated<K extends string>(key: K, iso: string | undefined): { [P in K]?: number } {
  const ms = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(ms) ? {} : ({ [key]: ms } as { [P in K]?: number });
}
