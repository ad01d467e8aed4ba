import type { SparseRows } from "../interactions/types.ts";

export interface GramArgs {
  /** Users x items. */
  matrix: SparseRows;
  /** Items x users: its transpose. */
  turned: SparseRows;
  /** n x n, n = items; the lower triangle is written. */
  out: Float64Array;
  n: number;
}

/** Rows `from` to `to` of the lower triangle of X'X. Sums run over users in ascending order. */
export function gramRows({ matrix, turned, out, n }: GramArgs, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const row = i * n;
    out.fill(0, row, row + i + 1);
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      const user = turned.indices[at]!;
      const weight = turned.values[at]!;
      const end = matrix.indptr[user + 1]!;
      for (let k = matrix.indptr[user]!; k < end; k++) {
        const j = matrix.indices[k]!;
        if (j > i) break;
        out[row + j]! += weight * matrix.values[k]!;
      }
    }
  }
}
