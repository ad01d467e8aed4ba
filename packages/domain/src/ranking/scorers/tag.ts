import type { TagProfile } from "../person.ts";
import type { PoolRows } from "../pool-rows.ts";

/**
 * Share of a profile's mass that a candidate's tags cover. A tag counts in full however lightly the
 * item carries it, so more weight on a tag never lowers the score of an item that has it.
 */
export function tagScores(n: number, rows: PoolRows, { weights, mass }: TagProfile): Float64Array {
  if (mass === 0) return new Float64Array(n);
  const values = rows.tagSums(weights);
  for (let at = 0; at < n; at++) values[at] = Math.min(1, values[at]! / mass);
  return values;
}
