import { orthonormalise, symmetricEigen } from "./dense.ts";
import type { TermRows } from "./tf-idf.ts";

export interface SvdOptions {
  /** In [0, 1); the same seed gives the same bits. */
  random: () => number;
  /** Directions beyond the wanted ones that the sketch keeps. */
  oversampling?: number;
  /** Power iterations: more for spectra that fall slowly. */
  iterations?: number;
  /** Called between blocks of work, so that others get a turn. */
  turn?: () => Promise<void>;
}

export interface Svd {
  /** Directions found: at most the wanted, rows and columns; those of value 0 are left out. */
  rank: number;
  /** Descending. */
  values: Float64Array;
  /** columns x rank, orthonormal: row x this is a row's place in the space. */
  right: Float64Array;
}

/**
 * Truncated SVD of a sparse matrix by a randomised range finder with power iterations (Halko,
 * Martinsson and Tropp, SIAM Review 53(2), 2011, algorithms 4.4 and 5.1). The sign of a direction
 * is such that its largest entry is positive.
 */
export async function randomisedSvd(
  matrix: TermRows,
  wanted: number,
  { random, oversampling = 16, iterations = 4, turn = async () => {} }: SvdOptions,
): Promise<Svd> {
  const k = Math.min(wanted + oversampling, matrix.rows, matrix.columns);
  let right: Float64Array = Float64Array.from({ length: matrix.columns * k }, () => normal(random));
  let left = times(matrix, right, k);
  await orthonormalise(left, k, turn);
  for (let round = 0; round < iterations; round++) {
    await turn();
    right = timesTransposed(matrix, left, k);
    await orthonormalise(right, k, turn);
    await turn();
    left = times(matrix, right, k);
    await orthonormalise(left, k, turn);
  }
  await turn();
  // B' = A' Q, columns x k; the small SVD is that of B B' = (B')' B'.
  const projected = timesTransposed(matrix, left, k);
  const small = new Float64Array(k * k);
  for (let column = 0; column < matrix.columns; column++) {
    for (let i = 0; i < k; i++) {
      const x = projected[column * k + i]!;
      for (let j = 0; j < k; j++) small[i * k + j]! += x * projected[column * k + j]!;
    }
  }
  const { values, vectors } = symmetricEigen(small, k);
  const least = 1e-12 * Math.max(values[0] ?? 0, Number.MIN_VALUE);
  const rank = Math.min(wanted, values.filter((value) => value > least).length);
  const singular = Float64Array.from(values.subarray(0, rank), Math.sqrt);
  return { rank, values: singular, right: rightVectors(projected, vectors, singular, k) };
}

/** V = B' U / s, with fixed signs. */
function rightVectors(
  projected: Float64Array,
  vectors: Float64Array,
  singular: Float64Array,
  k: number,
): Float64Array {
  const rank = singular.length;
  const columns = projected.length / k;
  const right = new Float64Array(columns * rank);
  for (let direction = 0; direction < rank; direction++) {
    let largest = 0;
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += projected[column * k + i]! * vectors[i * k + direction]!;
      const value = sum / singular[direction]!;
      right[column * rank + direction] = value;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    if (largest >= 0) continue;
    for (let column = 0; column < columns; column++) right[column * rank + direction]! *= -1;
  }
  return right;
}

/** A x (rows x k). */
export function times(a: TermRows, x: Float64Array, k: number): Float64Array {
  const out = new Float64Array(a.rows * k);
  for (let row = 0; row < a.rows; row++) {
    for (let at = a.indptr[row]!; at < a.indptr[row + 1]!; at++) {
      const value = a.values[at]!;
      const from = a.indices[at]! * k;
      for (let j = 0; j < k; j++) out[row * k + j]! += value * x[from + j]!;
    }
  }
  return out;
}

/** A' y (columns x k). */
function timesTransposed(a: TermRows, y: Float64Array, k: number): Float64Array {
  const out = new Float64Array(a.columns * k);
  for (let row = 0; row < a.rows; row++) {
    for (let at = a.indptr[row]!; at < a.indptr[row + 1]!; at++) {
      const value = a.values[at]!;
      const to = a.indices[at]! * k;
      for (let j = 0; j < k; j++) out[to + j]! += value * y[row * k + j]!;
    }
  }
  return out;
}

/** Standard normal by Box and Muller, 1958. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
