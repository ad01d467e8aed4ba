import type { SparseRows } from "../../interactions/types.ts";
import { choleskyInPlace, choleskySolveInPlace } from "../../linalg/cholesky.ts";

/** Of the objective: sum over entries w (1 - s)^2 + alpha sum over all s^2 + sum of ridge |factor|^2. */
export interface AlsWeights {
  /** Weight of every pair, observed or not. */
  alpha: number;
  reg: number;
  nu: number;
}

export interface AlsArgs extends AlsWeights {
  /** Entries of the rows that are solved, over the rows of the other side. */
  matrix: SparseRows;
  /** Factors of the other side, row-major, and their Gram matrix (d x d). */
  other: Float32Array;
  gram: Float64Array;
  others: number;
  factors: number;
  out: Float32Array;
}

/** Best factors of rows `from` to `to` while the other side stands still. */
export function alsRows(args: AlsArgs, from: number, to: number): void {
  const { matrix, factors: d, out } = args;
  const solve = createAlsSolver(args);
  for (let row = from; row < to; row++) {
    const begin = matrix.indptr[row]!;
    const end = matrix.indptr[row + 1]!;
    solve.load(matrix.indices.subarray(begin, end), matrix.values.subarray(begin, end));
    out.set(solve.factor(), row * d);
  }
}

/**
 * Solves one row after the other:
 * `(alpha V'V + sum w v v' + reg (sum w + alpha n)^nu 1) x = sum w v`, n = rows of the other side.
 */
export function createAlsSolver({
  other,
  gram,
  others,
  factors: d,
  alpha,
  reg,
  nu,
}: Omit<AlsArgs, "matrix" | "out">): {
  load(rows: Uint32Array, weights: Float32Array): void;
  /** Solution of the loaded row; overwritten by the next one. */
  factor(): Float64Array;
  /** Solution for another right side; in place. */
  solve(side: Float64Array): void;
} {
  const system = new Float64Array(d * d);
  const side = new Float64Array(d);
  return {
    load(rows, weights) {
      let total = 0;
      for (const weight of weights) total += weight;
      const ridge = reg * (total + alpha * others) ** nu;
      for (let p = 0; p < d; p++) {
        for (let q = 0; q <= p; q++) system[p * d + q] = alpha * gram[p * d + q]!;
        system[p * d + p]! += ridge;
      }
      side.fill(0);
      for (let at = 0; at < rows.length; at++) {
        const base = rows[at]! * d;
        for (let p = 0; p < d; p++) {
          const scaled = weights[at]! * other[base + p]!;
          side[p]! += scaled;
          const line = p * d;
          for (let q = 0; q <= p; q++) system[line + q]! += scaled * other[base + q]!;
        }
      }
      choleskyInPlace(system, d);
    },
    factor() {
      choleskySolveInPlace(system, d, side);
      return side;
    },
    solve: (given) => choleskySolveInPlace(system, d, given),
  };
}

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
