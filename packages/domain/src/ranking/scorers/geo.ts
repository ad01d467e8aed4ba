import type { GeoPoint } from "../../events/types.ts";
import { distanceM } from "../geo.ts";
import type { Pool } from "../pool.ts";

/** exp(-distance / scale); 0 without a point or for an item without a place. */
export function geoScores(pool: Pool, near: GeoPoint | undefined, scaleM: number): Float64Array {
  const values = new Float64Array(pool.views.length);
  if (near === undefined) return values;
  for (let at = 0; at < values.length; at++) {
    const { lat, lon } = pool.views[at]!.item;
    if (lat === undefined || lon === undefined) continue;
    values[at] = Math.exp(-distanceM(near, { lat, lon }) / scaleM);
  }
  return values;
}
