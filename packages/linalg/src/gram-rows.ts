import type { Arithmetic } from "./kernel/scratch.ts";
import { productRows } from "./product-rows.ts";
import type { SparseRows } from "./sparse.ts";

export interface GramArgs {
  /** Rows x columns, and its transpose. */
  matrix: SparseRows;
  turned: SparseRows;
  /** n x n, n = columns; the lower triangle is written. */
  out: Float64Array;
  n: number;
  arithmetic?: Arithmetic | undefined;
}

/** Rows `from` to `to` of the lower triangle of X'X. Sums run over rows of X in ascending order. */
export function gramRows(
  { matrix, turned, out, n, arithmetic }: GramArgs,
  from: number,
  to: number,
): void {
  const product = { left: turned, right: matrix, n, lower: true, arithmetic };
  productRows(product, from, to, (i, row) => out.set(row, i * n));
}
