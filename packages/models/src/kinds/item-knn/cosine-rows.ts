import { productRows } from "@signalpath/linalg";

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
  const product = { left: turned, right: matrix, n: norms.length };
  productRows(product, from, to, (i, row) => {
    row[i] = 0;
    for (let j = 0; j < row.length; j++) {
      if (row[j] !== 0) row[j]! /= norms[i]! * norms[j]! + shrink;
    }
    cutter.add(row);
  });
  return cutter.take();
}
