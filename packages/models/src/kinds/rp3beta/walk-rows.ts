import { productRows } from "@signalpath/linalg";

import type { SparseRows } from "../../interactions/types.ts";
import { createRowCutter, type SparsePiece } from "../row-sparse.ts";

export interface WalkArgs {
  /** Users x items with the (powered) probability of the step user -> item. */
  toItem: SparseRows;
  /** Items x users with that of the step item -> user. */
  toUser: SparseRows;
  /** What each item's probability is divided by. */
  penalty: Float64Array;
  keep: number;
}

/** Where a walk item -> user -> item ends, from items `from` to `to`. */
export function walkRows(args: WalkArgs, from: number, to: number): SparsePiece {
  const { toItem, toUser, penalty, keep } = args;
  const cutter = createRowCutter(keep);
  const product = { left: toUser, right: toItem, n: penalty.length };
  productRows(product, from, to, (i, row) => {
    row[i] = 0;
    for (let j = 0; j < row.length; j++) {
      if (row[j] !== 0) row[j]! /= penalty[j]!;
    }
    cutter.add(row);
  });
  return cutter.take();
}
