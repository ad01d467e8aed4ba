import type { StringTable } from "@signalpath/contracts";
import type { SparseRows } from "@signalpath/linalg";

export type { SparseRows };

/** Users x items. Weights are above 0 and finite; every user and every item has an entry. */
export interface Interactions {
  /** Ascending by UTF-8 bytes; row u of the matrix is user u. */
  users: StringTable;
  /** Ascending by UTF-8 bytes; column i of the matrix is item i. */
  items: StringTable;
  matrix: SparseRows;
  /** Milliseconds since 1970, one an entry; absent when the rows had none. */
  times?: Float64Array;
  /** Rows taken in, duplicates included. */
  rows: number;
}
