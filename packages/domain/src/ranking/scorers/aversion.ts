import type { TagProfile } from "../person.ts";
import type { PoolRows } from "../pool-rows.ts";
import { tagScores } from "./tag.ts";

/**
 * How much a candidate is like what was disliked: the larger of the share of the aversion mass its
 * tags cover, and by how much its vector is closer to the disliked than to the liked.
 *
 * @param semantic cosine of each to the liked (see `semanticScores`).
 */
export function aversionScores(
  n: number,
  rows: PoolRows,
  aversion: TagProfile,
  tasteAway: Float32Array | undefined,
  semantic: Float64Array,
): Float64Array {
  const values = tagScores(n, rows, aversion);
  if (tasteAway === undefined) return values;
  const away = rows.cosines(tasteAway);
  for (let at = 0; at < n; at++) {
    const lead = away[at]! - semantic[at]!;
    if (lead > values[at]!) values[at] = lead;
  }
  return values;
}
