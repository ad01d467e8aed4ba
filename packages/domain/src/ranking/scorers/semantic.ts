import type { Pool } from "../pool.ts";
import { unitCosine } from "../similarity.ts";

/** Cosine of every candidate's vector to the taste vector; 0 without either or in another length. */
export function semanticScores(pool: Pool, taste: Float32Array | undefined): Float64Array {
  const values = new Float64Array(pool.views.length);
  if (taste === undefined) return values;
  for (let at = 0; at < values.length; at++) values[at] = unitCosine(taste, pool.views[at]!.unit);
  return values;
}
