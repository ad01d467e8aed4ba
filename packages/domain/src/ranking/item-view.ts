import { hash32 } from "../content/hash.ts";
import { tagKey } from "../content/tags.ts";
import type { ContentItem } from "../content/types.ts";

/** What ranking needs of an item, worked out once. */
export interface ItemView {
  item: ContentItem;
  id: string;
  /** `hash32` of the id, as seen sets hold it. */
  hash: number;
  /** Canonical keys of the item's tags, each once. */
  tagKeys: ReadonlySet<string>;
  /** Numbers of the item's tags, ascending, each once. */
  tags: Int32Array;
  /** Beside `tags`: weights scaled to length 1, whole multiples of `TAG_STEP`. */
  tagWeights: Float64Array;
  /** Beside `tags`: the place in `item.tags` where each was written first. */
  written: Int32Array;
  /** Number of the heaviest tag (first written wins a tie), -1 without tags. */
  mainTag: number;
  /** The vector scaled to length 1; absent without one, or when it is all zeros. */
  unit: Float32Array | undefined;
  /** NaN when absent. */
  publishedMs: number;
  expiresMs: number;
}

/**
 * Tags are summed in the order of their numbers, which depends on what was viewed before. Sums of
 * multiples of this step (and of products of two) are exact, so no result depends on it.
 */
export const TAG_STEP = 2 ** -20;

/** Gives every item its view, and every tag key its number. */
export interface ItemViews {
  view(item: ContentItem): ItemView;
  /** -1 when no viewed item carries it. */
  tagNumber(key: string): number;
}

/**
 * A memo of views. Keyed by the item object: a changed item is a new object, a forgotten one is
 * collected. Tag numbers live as long as the memo, so one memo serves one project's catalogue.
 */
export function createItemViews(): ItemViews {
  const memo = new WeakMap<ContentItem, ItemView>();
  const numbers = new Map<string, number>();

  const numberOf = (key: string): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  };

  return {
    view(item) {
      const known = memo.get(item);
      if (known !== undefined) return known;
      const made = makeView(item, numberOf);
      memo.set(item, made);
      return made;
    },
    tagNumber: (key) => numbers.get(key) ?? -1,
  };
}

function makeView(item: ContentItem, numberOf: (key: string) => number): ItemView {
  const weights = new Map<number, number>();
  let mainTag = -1;
  let heaviest = 0;
  const places = new Map<number, number>();
  const tagKeys = new Set<string>();
  for (const [place, tag] of item.tags.entries()) {
    const key = tagKey(tag);
    tagKeys.add(key);
    const number = numberOf(key);
    if (!places.has(number)) places.set(number, place);
    const weight = Math.max(weights.get(number) ?? 0, tag.weight ?? 1);
    weights.set(number, weight);
    if (weight > heaviest) {
      heaviest = weight;
      mainTag = number;
    }
  }
  const tags = Int32Array.from(weights.keys()).sort();
  const tagWeights = Float64Array.from(tags, (number) => weights.get(number)!);
  scaleToUnit(tagWeights);
  for (const [at, weight] of tagWeights.entries()) tagWeights[at] = inSteps(weight);
  return {
    item,
    id: item.item_id,
    hash: hash32(item.item_id),
    tagKeys,
    tags,
    tagWeights,
    written: Int32Array.from(tags, (number) => places.get(number)!),
    mainTag,
    unit: item.vector === undefined ? undefined : unitVector(item.vector),
    publishedMs: item.published_at === undefined ? Number.NaN : Date.parse(item.published_at),
    expiresMs: item.expires_at === undefined ? Number.NaN : Date.parse(item.expires_at),
  };
}

/** The nearest multiple of `TAG_STEP`. */
export function inSteps(weight: number): number {
  return Math.round(weight / TAG_STEP) * TAG_STEP;
}

/** Direction of a vector; undefined when it has none. */
export function unitVector(vector: ArrayLike<number>): Float32Array | undefined {
  const unit = Float64Array.from(vector);
  return scaleToUnit(unit) ? Float32Array.from(unit) : undefined;
}

function scaleToUnit(values: Float64Array): boolean {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (!(largest > 0 && Number.isFinite(largest))) return false;
  // Scaled by the largest member first: squares of extreme members would overflow or vanish.
  let sum = 0;
  for (const value of values) sum += (value / largest) ** 2;
  const length = Math.sqrt(sum);
  for (let i = 0; i < values.length; i++) values[i] = values[i]! / largest / length;
  return true;
}
