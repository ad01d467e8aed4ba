import { encodeFloat32 } from "../content/base64.ts";
import type { WeighedItem } from "./tag-weights.ts";

/** Length shared by the vectors: that of the first item that has one; 0 without any. */
export function dimensionsOf(items: readonly WeighedItem[]): number {
  for (const { facts } of items) if (facts.norm > 0) return facts.vector?.length ?? 0;
  return 0;
}

/**
 * Direction of sum(weight x unit vector) as base64 float32, itself a unit vector. Vectors of other
 * lengths are left out. Undefined without a vector or where they cancel out.
 */
export function unitCentroid(
  items: readonly WeighedItem[],
  dimensions: number,
): string | undefined {
  const sum = new Float64Array(dimensions);
  for (const { weight, facts } of items) {
    const { vector, norm } = facts;
    if (vector === undefined || norm === 0 || vector.length !== dimensions) continue;
    const scale = weight / norm;
    for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] ?? 0) + scale * (vector[i] ?? 0);
  }
  let squares = 0;
  for (const x of sum) squares += x * x;
  const norm = Math.sqrt(squares);
  // What rounding leaves of opposite vectors is no direction.
  if (norm < 1e-12) return undefined;
  return encodeFloat32(sum.map((x) => x / norm));
}
