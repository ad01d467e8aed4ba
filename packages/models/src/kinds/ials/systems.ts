import type { SparseRows } from "../../interactions/types.ts";
import { sharedF64 } from "../../workers/shared.ts";

/** Of the objective: sum over entries w (1 - s)^2 + alpha sum over all s^2 + sum of ridge |factor|^2. */
export interface AlsWeights {
  /** Weight of every pair, observed or not. */
  alpha: number;
  reg: number;
  nu: number;
}

/**
 * Part of every row's system `(alpha V'V + sum w v v' + ridge 1) x = sum w v`, with the ridge
 * `reg (sum w + alpha n)^nu` of each, n = rows of V: what rows weigh in proportion to how often they
 * occur (Rendle et al., 2022, section 3).
 */
export function systemsOf(
  matrix: SparseRows,
  { gram, others, alpha, reg, nu }: AlsWeights & { gram: Float64Array; others: number },
): { base: Float64Array; ridges: Float64Array } {
  const base = sharedF64(gram.length);
  base.set(gram.map((value) => alpha * value));
  const ridges = sharedF64(matrix.indptr.length - 1);
  for (let row = 0; row < ridges.length; row++) {
    let total = 0;
    for (let at = matrix.indptr[row]!; at < matrix.indptr[row + 1]!; at++) {
      total += matrix.values[at]!;
    }
    ridges[row] = reg * (total + alpha * others) ** nu;
  }
  return { base, ridges };
}
