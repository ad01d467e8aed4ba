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
  const row = new Float64Array(penalty.length);
  for (let i = from; i < to; i++) {
    row.fill(0);
    for (let at = toUser.indptr[i]!; at < toUser.indptr[i + 1]!; at++) {
      const user = toUser.indices[at]!;
      const step = toUser.values[at]!;
      for (let k = toItem.indptr[user]!; k < toItem.indptr[user + 1]!; k++) {
        row[toItem.indices[k]!]! += step * toItem.values[k]!;
      }
    }
    row[i] = 0;
    for (let j = 0; j < row.length; j++) row[j]! /= penalty[j]!;
    cutter.add(row);
  }
  return cutter.take();
}
