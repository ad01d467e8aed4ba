import type { Anchor } from "../person.ts";
import type { Pool } from "../pool.ts";
import type { CollaborativeModel } from "../types.ts";
import type { Matches } from "./best-match.ts";

/**
 * Item-based collaborative filtering: sum over liked items of weight x similarity to the candidate.
 * `anchors` names the liked item with the largest part. Above 1 where many agree: see
 * `relativeToBest`.
 */
export function collaborativeSums(pool: Pool, positives: readonly Anchor[]): Matches {
  const n = pool.views.length;
  const values = new Float64Array(n);
  const anchors = new Int32Array(n).fill(-1);
  const largest = new Float64Array(n);
  for (let a = 0; a < positives.length; a++) {
    const { weight, neighbours } = positives[a]!;
    for (const { item_id, similarity } of neighbours) {
      const at = pool.indexOf.get(item_id);
      if (at === undefined) continue;
      const part = weight * similarity;
      values[at] = values[at]! + part;
      if (part > largest[at]!) {
        largest[at] = part;
        anchors[at] = a;
      }
    }
  }
  return { values, anchors };
}

/** What a trained model gives to each candidate; items it does not know, or advises against, get 0. */
export function modelScores(pool: Pool, model: CollaborativeModel): Float64Array {
  const values = new Float64Array(pool.views.length);
  for (let at = 0; at < values.length; at++) {
    const score = model.scoreOf(pool.views[at]!.id);
    if (score > 0 && score < Number.POSITIVE_INFINITY) values[at] = score;
  }
  return values;
}

/**
 * Sums as values in [0, 1]: the best candidate has 1.
 *
 * @param out by candidate: 1 = it counts as if it were none; absent = all count.
 */
export function relativeToBest(sums: Float64Array, out?: Uint8Array): Float64Array {
  let best = 0;
  for (let at = 0; at < sums.length; at++) {
    if (sums[at]! > best && out?.[at] !== 1) best = sums[at]!;
  }
  if (best === 0) return sums;
  const values = new Float64Array(sums.length);
  for (let at = 0; at < sums.length; at++) values[at] = sums[at]! / best;
  return values;
}
