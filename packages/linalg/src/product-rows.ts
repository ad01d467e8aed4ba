import type { Arena } from "./kernel/arena.ts";
import { type Arithmetic, scratch } from "./kernel/scratch.ts";
import type { SparseRows } from "./sparse.ts";

/** A product of two sparse matrices, dense and by rows. */
export interface SparseProduct {
  /** Rows x middle. */
  left: SparseRows;
  /** Middle x n. */
  right: SparseRows;
  n: number;
  /** Only columns up to the diagonal are worked out. */
  lower?: boolean;
  arithmetic?: Arithmetic | undefined;
}

/** Beyond so many entries the right factor is not copied to the kernel's memory for a piece of work. */
const MOST_ENTRIES = 4_000_000;

/**
 * Hands out rows `from` to `to` of left x right: `take(i, row)` with n numbers (i + 1 when `lower`),
 * overwritten by the next one. Sums run over the middle in ascending order, the same bits in either
 * arithmetic. `take` must not call other kernels.
 */
export function productRows(
  product: SparseProduct,
  from: number,
  to: number,
  take: (i: number, row: Float64Array) => void,
): void {
  const few = product.right.indices.length <= MOST_ENTRIES;
  const panels = few ? scratch(product.arithmetic) : undefined;
  if (panels === undefined) plainRows(product, from, to, take);
  else kernelRows(product, panels, { from, to }, take);
}

function kernelRows(
  { left, right, n, lower }: SparseProduct,
  panels: Arena,
  { from, to }: { from: number; to: number },
  take: (i: number, row: Float64Array) => void,
): void {
  const { indptr, indices, values } = right;
  const atPtr = panels.allocate(indptr.byteLength);
  const atIndices = panels.allocate(indices.byteLength);
  const atValues = panels.allocate(values.byteLength);
  const atRows = panels.allocate(indptr.byteLength);
  const atWeights = panels.allocate(indptr.byteLength);
  const atOut = panels.allocate(n * 8);
  const [words, floats, doubles] = [panels.words(), panels.floats(), panels.doubles()];
  words.set(indptr, atPtr >>> 2);
  words.set(indices, atIndices >>> 2);
  floats.set(values, atValues >>> 2);
  for (let i = from; i < to; i++) {
    const begin = left.indptr[i]!;
    const end = left.indptr[i + 1]!;
    words.set(left.indices.subarray(begin, end), atRows >>> 2);
    floats.set(left.values.subarray(begin, end), atWeights >>> 2);
    const width = lower === true ? i + 1 : n;
    const row = doubles.subarray(atOut >>> 3, (atOut >>> 3) + width).fill(0);
    const { kernels } = panels;
    kernels.productRow(atRows, atWeights, end - begin, atPtr, atIndices, atValues, width, atOut);
    take(i, row);
  }
}

function plainRows(
  { left, right, n, lower }: SparseProduct,
  from: number,
  to: number,
  take: (i: number, row: Float64Array) => void,
): void {
  const whole = new Float64Array(n);
  for (let i = from; i < to; i++) {
    const width = lower === true ? i + 1 : n;
    const row = whole.subarray(0, width).fill(0);
    for (let at = left.indptr[i]!; at < left.indptr[i + 1]!; at++) {
      const middle = left.indices[at]!;
      const weight = left.values[at]!;
      for (let k = right.indptr[middle]!; k < right.indptr[middle + 1]!; k++) {
        const j = right.indices[k]!;
        if (j >= width) break;
        row[j]! += weight * right.values[k]!;
      }
    }
    take(i, row);
  }
}
