import type { ItemView } from "../item-view.ts";
import type { TagProfile } from "../person.ts";
import type { Pool } from "../pool.ts";

/**
 * Share of a profile's mass that a candidate's tags cover. A tag counts in full however lightly the
 * item carries it, so more weight on a tag never lowers the score of an item that has it.
 */
export function tagScores(pool: Pool, profile: TagProfile): Float64Array {
  const values = new Float64Array(pool.views.length);
  if (profile.mass === 0) return values;
  for (let at = 0; at < values.length; at++) {
    values[at] = tagShare(pool.views[at]!, profile);
  }
  return values;
}

function tagShare(view: ItemView, profile: TagProfile): number {
  let covered = 0;
  for (const tag of view.tags) covered += profile.weights.get(tag) ?? 0;
  return Math.min(1, covered / profile.mass);
}
