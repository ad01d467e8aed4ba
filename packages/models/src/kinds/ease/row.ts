import type { SparseRows } from "../../interactions/types.ts";

/** What a row of the item x item matrix B is worked out from; P = (X'X + L)^-1. */
export type EaseSource =
  | {
      form: "primal";
      /** P, I x I. */
      inverse: Float64Array;
      /** P_jj of EASE, less where the constraint is relaxed; one a column. */
      divisors: Float64Array;
    }
  | {
      form: "dual";
      /** Items x users. */
      turned: SparseRows;
      /** L, one an item. */
      penalty: Float64Array;
      /** K X L^-1 with K = (X L^-1 X' + 1)^-1: U x I. */
      smoothed: Float32Array;
      divisors: Float64Array;
    };

/** Row i of B into `out`: -P_ij / divisor of j off the diagonal, 0 on it. */
export function easeRow(source: EaseSource, i: number, out: Float64Array): void {
  const { divisors } = source;
  const n = divisors.length;
  if (source.form === "primal") {
    for (let j = 0; j < n; j++) out[j] = -source.inverse[i * n + j]! / divisors[j]!;
  } else {
    const { turned, penalty, smoothed } = source;
    out.fill(0);
    // P = L^-1 - (X L^-1)' K X L^-1 (Woodbury), of which only the second part is off the diagonal.
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      const weight = turned.values[at]! / penalty[i]!;
      const row = turned.indices[at]! * n;
      for (let j = 0; j < n; j++) out[j]! += weight * smoothed[row + j]!;
    }
    for (let j = 0; j < n; j++) out[j]! /= divisors[j]!;
  }
  out[i] = 0;
}
