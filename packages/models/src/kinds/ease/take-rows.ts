import { createRowCutter, type SparsePiece } from "../row-sparse.ts";
import { easeRow, type EaseSource } from "./row.ts";

/** Rows `from` to `to` of B, each cut to its `keep` largest by size. */
export function sparseRows(
  { source, keep }: { source: EaseSource; keep: number },
  from: number,
  to: number,
): SparsePiece {
  const cutter = createRowCutter(keep);
  const row = new Float64Array(source.divisors.length);
  for (let i = from; i < to; i++) {
    easeRow(source, i, row);
    cutter.add(row);
  }
  return cutter.take();
}

/** Largest size in each column over rows `from` to `to` of B. */
export function columnMaxima(
  { source }: { source: EaseSource },
  from: number,
  to: number,
): Float64Array {
  const row = new Float64Array(source.divisors.length);
  const maxima = new Float64Array(row.length);
  for (let i = from; i < to; i++) {
    easeRow(source, i, row);
    for (let j = 0; j < row.length; j++) maxima[j] = Math.max(maxima[j]!, Math.abs(row[j]!));
  }
  return maxima;
}

/**
 * Rows `from` to `to` of B in a byte each, -127..127, and a scale per column: value = q |q| scale. The
 * square spends the steps where most values are, near 0: a column's largest is many times its median.
 */
export function quantiseRows(
  { source, scales, out }: { source: EaseSource; scales: Float32Array; out: Int8Array },
  from: number,
  to: number,
): void {
  const n = source.divisors.length;
  const row = new Float64Array(n);
  for (let i = from; i < to; i++) {
    easeRow(source, i, row);
    for (let j = 0; j < n; j++) {
      const scale = scales[j]!;
      const value = row[j]!;
      const size = scale === 0 ? 0 : Math.min(127, Math.round(Math.sqrt(Math.abs(value) / scale)));
      out[i * n + j] = value < 0 ? -size : size;
    }
  }
}
