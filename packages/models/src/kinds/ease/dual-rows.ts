import type { SparseRows } from "../../interactions/types.ts";

export interface DualArgs {
  /** Users x items, and its transpose. */
  matrix: SparseRows;
  turned: SparseRows;
  penalty: Float64Array;
  users: number;
}

/** Rows `from` to `to` of the lower triangle of X L^-1 X' + 1, users x users. */
export function dualRows(
  { matrix, turned, penalty, users, out }: DualArgs & { out: Float64Array },
  from: number,
  to: number,
): void {
  for (let u = from; u < to; u++) {
    const row = u * users;
    out.fill(0, row, row + u + 1);
    for (let at = matrix.indptr[u]!; at < matrix.indptr[u + 1]!; at++) {
      const item = matrix.indices[at]!;
      const weight = matrix.values[at]! / penalty[item]!;
      for (let k = turned.indptr[item]!; k < turned.indptr[item + 1]!; k++) {
        const v = turned.indices[k]!;
        if (v > u) break;
        out[row + v]! += weight * turned.values[k]!;
      }
    }
    out[row + u]! += 1;
  }
}

/** Rows `from` to `to` of K X L^-1, users x items. */
export function smoothRows(
  { matrix, penalty, users, kernel, out }: DualArgs & { kernel: Float64Array; out: Float32Array },
  from: number,
  to: number,
): void {
  const items = penalty.length;
  const row = new Float64Array(items);
  for (let u = from; u < to; u++) {
    row.fill(0);
    for (let v = 0; v < users; v++) {
      const weight = kernel[u * users + v]!;
      for (let at = matrix.indptr[v]!; at < matrix.indptr[v + 1]!; at++) {
        row[matrix.indices[at]!]! += weight * matrix.values[at]!;
      }
    }
    for (let j = 0; j < items; j++) out[u * items + j] = row[j]! / penalty[j]!;
  }
}
