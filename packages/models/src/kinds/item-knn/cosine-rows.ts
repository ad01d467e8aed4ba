import type { SparseRows } from "../../interactions/types.ts";
import { createRowCutter, type SparsePiece } from "../row-sparse.ts";

export interface CosineArgs {
  /** Users x items, and its transpose. */
  matrix: SparseRows;
  turned: SparseRows;
  /** Length of each item's column. */
  norms: Float64Array;
  shrink: number;
  keep: number;
}

/** Most similar items of items `from` to `to`: dot / (norm norm + shrink). */
export function cosineRows(args: CosineArgs, from: number, to: number): SparsePiece {
  const { matrix, turned, norms, shrink, keep } = args;
  const cutter = createRowCutter(keep);
  const row = new Float64Array(norms.length);
  for (let i = from; i < to; i++) {
    row.fill(0);
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      const user = turned.indices[at]!;
      const weight = turned.values[at]!;
      for (let k = matrix.indptr[user]!; k < matrix.indptr[user + 1]!; k++) {
        row[matrix.indices[k]!]! += weight * matrix.values[k]!;
      }
    }
    row[i] = 0;
    for (let j = 0; j < row.length; j++) row[j]! /= norms[i]! * norms[j]! + shrink;
    cutter.add(row);
  }
  return cutter.take();
}
