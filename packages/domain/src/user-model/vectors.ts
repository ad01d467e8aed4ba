import { encodeFloat32 } from "../content/base64.ts";
import type { WeighedItem } from "./tag-weights.ts";

/** Length shared by the vectors: that of the first item that has one; 0 without any. */
export function dimensionsOf(items: readonly WeighedItem[]): number {
  for (const { facts } of items) if (facts.norm > 0) return facts.vector?.length ?? 0;
  return 0;
}

/**
 * Where a taste points, as base64 float32, itself a unit vector: the direction of sum(weight x unit
 * vector), or with a fold-in W (d x d, symmetric) that of W x sum(weight x vector), the shared-precision
 * form of the fold-in of Hu, Koren and Volinsky, ICDM 2008. Vectors of other lengths are left out.
 * Undefined without a vector or where they cancel out. A fold-in of another size is not used.
 */
export function tasteOf(
  items: readonly WeighedItem[],
  dimensions: number,
  foldIn?: Float32Array,
): string | undefined {
  const folds = foldIn?.length === dimensions * dimensions ? foldIn : undefined;
  const sum = new Float64Array(dimensions);
  for (const { weight, facts } of items) {
    const { vector, norm } = facts;
    if (vector === undefined || norm === 0 || vector.length !== dimensions) continue;
    const scale = folds === undefined ? weight / norm : weight;
    for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] ?? 0) + scale * (vector[i] ?? 0);
  }
  const taste = folds === undefined ? sum : product(folds, sum);
  let squares = 0;
  for (const x of taste) squares += x * x;
  const norm = Math.sqrt(squares);
  // What rounding leaves of opposite vectors is no direction.
  if (norm < 1e-12) return undefined;
  return encodeFloat32(taste.map((x) => x / norm));
}

function product(square: Float32Array, vector: Float64Array): Float64Array {
  const d = vector.length;
  return vector.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (square[i * d + j] ?? 0) * (vector[j] ?? 0);
    return sum;
  });
}
