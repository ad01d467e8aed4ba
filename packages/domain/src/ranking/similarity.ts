import type { ItemView } from "./item-view.ts";

/** Dot product of two vectors of the same length. */
export function dot(a: Float32Array, b: Float32Array): number {
  const length = a.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (; i < length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** Cosine of two unit vectors cut to [0, 1]: pointing away is as unlike as being unrelated. */
export function unitCosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b === undefined || a.length !== b.length) return 0;
  return Math.min(1, Math.max(0, dot(a, b)));
}

/** Cosine of two items' tag weights, [0, 1]. */
export function tagCosine(a: ItemView, b: ItemView): number {
  const x = a.tags;
  const y = b.tags;
  let sum = 0;
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    const difference = x[i]! - y[j]!;
    if (difference === 0) sum += a.tagWeights[i++]! * b.tagWeights[j++]!;
    else if (difference < 0) i++;
    else j++;
  }
  return Math.min(1, sum);
}

/** True when both items have a vector, of one length. */
export function comparable(a: ItemView, b: ItemView): boolean {
  return a.unit !== undefined && b.unit !== undefined && a.unit.length === b.unit.length;
}

/**
 * How alike two items are for the eye of a reader, [0, 1]: half tags, half vectors; tags alone when
 * one of them has no vector, vectors alone when one has no tags.
 *
 * @param least what the caller knows already: no more than this is answered as this, without
 *   comparing vectors where tags settle it.
 */
export function itemLikeness(a: ItemView, b: ItemView, least = 0): number {
  if (!comparable(a, b)) return Math.max(least, tagCosine(a, b));
  if (a.tags.length === 0 || b.tags.length === 0)
    return Math.max(least, unitCosine(a.unit, b.unit));
  const tags = tagCosine(a, b);
  if (0.5 * tags + 0.5 <= least) return least;
  return Math.max(least, 0.5 * tags + 0.5 * unitCosine(a.unit, b.unit));
}
