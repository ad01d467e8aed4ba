import type { Anchor } from "../person.ts";
import type { Pool } from "../pool.ts";
import type { Matches } from "./best-match.ts";

/**
 * Item-based collaborative filtering: sum over liked items of weight x similarity to the candidate,
 * relative to the best candidate of the pool. `anchors` names the liked item with the largest part.
 */
export function collaborativeScores(pool: Pool, positives: readonly Anchor[]): Matches {
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
  let best = 0;
  for (const value of values) best = Math.max(best, value);
  if (best > 0) for (let at = 0; at < n; at++) values[at] = values[at]! / best;
  return { values, anchors };
}
