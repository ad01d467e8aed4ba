import { hash32 } from "./hash.ts";
import { fold, tagKey } from "./tags.ts";
import type { ContentItem } from "./types.ts";

/** Places in the vector that one feature touches; more places, fewer accidental collisions. */
const PLACES = 8;
/** What a tag of weight 1, a word of the title and a word of the text weigh against each other. */
const TAG = 3;
const TITLE_WORD = 1;
const TEXT_WORD = 0.4;
/** Words shorter than this are mostly articles and prepositions, characters. */
const SHORTEST_WORD = 4;
const DECIMALS = 1e5;

/**
 * A stand-in for a learned embedding: items that share tags and words point the same way.
 * Signed feature hashing (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning",
 * ICML 2009) of tag keys, title words and text words, every feature spread over 8 places; a word
 * that comes n times counts 1 + ln(n). Pure: the same item always has the same vector.
 * @param dimensions length of the vector, 2..4096.
 * @returns unit length, rounded to 5 decimals (so its length is 1 to about 1e-4).
 * @throws RangeError for other dimensions.
 */
export function deriveVector(
  item: Pick<ContentItem, "title" | "text" | "tags">,
  dimensions = 64,
): number[] {
  if (!Number.isInteger(dimensions) || dimensions < 2 || dimensions > 4_096) {
    throw new RangeError("dimensions must be a whole number from 2 to 4096");
  }
  const features = featuresOf(item);
  const sum: number[] = Array.from({ length: dimensions }, () => 0);
  for (const [feature, weight] of features) spread(feature, weight, sum);
  if (!sum.some((value) => value !== 0)) {
    // Nothing to hash, or all of it cancelled out: one axis, chosen by the title.
    sum[hash32(item.title) % dimensions] = 1;
  }
  const length = Math.sqrt(sum.reduce((total, value) => total + value * value, 0));
  return sum.map((value) => Math.round((value / length) * DECIMALS) / DECIMALS + 0);
}

function featuresOf(item: Pick<ContentItem, "title" | "text" | "tags">): Map<string, number> {
  const features = new Map<string, number>();
  for (const tag of item.tags) features.set(`t ${tagKey(tag)}`, TAG * (tag.weight ?? 1));
  addWords(features, item.title, TITLE_WORD);
  addWords(features, item.text ?? "", TEXT_WORD);
  return features;
}

function addWords(features: Map<string, number>, text: string, weight: number): void {
  const counts = new Map<string, number>();
  for (const word of fold(text).match(/[\p{L}\p{N}]+/gu) ?? []) {
    if (word.length >= SHORTEST_WORD) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  for (const [word, count] of counts) {
    const feature = `w ${word}`;
    features.set(feature, (features.get(feature) ?? 0) + weight * (1 + Math.log(count)));
  }
}

function spread(feature: string, weight: number, sum: number[]): void {
  const share = weight / Math.sqrt(PLACES);
  for (let place = 0; place < PLACES; place++) {
    const bits = mix(hash32(`${place} ${feature}`));
    const at = (bits >>> 1) % sum.length;
    sum[at] = (sum[at] ?? 0) + ((bits & 1) === 0 ? share : -share);
  }
}

/** Finalizer of MurmurHash3: FNV-1a alone leaves its low bits too regular for a modulus. */
function mix(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
