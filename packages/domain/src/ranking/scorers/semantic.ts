import type { PoolRows } from "../pool-rows.ts";

/** Cosine of every candidate's vector to the taste vector; 0 without either or in another length. */
export function semanticScores(
  n: number,
  rows: PoolRows,
  taste: Float32Array | undefined,
): Float64Array {
  return taste === undefined ? new Float64Array(n) : rows.cosines(taste);
}
