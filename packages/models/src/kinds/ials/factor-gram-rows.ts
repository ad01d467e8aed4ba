export interface FactorGramArgs {
  /** rows x d */
  factors: Float32Array;
  rows: number;
  d: number;
  /** d x d */
  out: Float64Array;
}

/** Rows `from` to `to` of factors' factors. Sums run over rows in ascending order. */
export function factorGramRows(
  { factors, rows, d, out }: FactorGramArgs,
  from: number,
  to: number,
): void {
  out.fill(0, from * d, to * d);
  for (let row = 0; row < rows; row++) {
    const base = row * d;
    for (let p = from; p < to; p++) {
      const left = factors[base + p]!;
      for (let q = 0; q < d; q++) out[p * d + q]! += left * factors[base + q]!;
    }
  }
}
