import { choleskyFactor } from "@signalpath/linalg";

import { gramOf } from "./dense.ts";

export interface RidgeMap {
  /** p x d */
  map: Float64Array;
  /** d: what an input of zeros is mapped to. */
  intercept: Float64Array;
}

/**
 * Weighted ridge regression of targets (n x d) on inputs (n x p): minimises
 * sum_i w_i |y_i - b - x_i M|^2 + lambda sum_i w_i |M|^2; the intercept is not penalised. Hoerl and
 * Kennard, Technometrics 12(1), 1970; the mapping of content to factors of Gantner et al., ICDM 2010.
 * @param lambda above 0, relative to the mean of the weights.
 */
export function fitRidge(
  inputs: Float64Array,
  p: number,
  targets: Float64Array,
  d: number,
  { lambda, weights }: { lambda: number; weights?: Float64Array },
): RidgeMap {
  const n = inputs.length / p;
  const weightOf = (row: number) => weights?.[row] ?? 1;
  let total = 0;
  for (let row = 0; row < n; row++) total += weightOf(row);
  const x = centred(inputs, p, weightOf, total);
  const y = centred(targets, d, weightOf, total);
  const gram = gramOf(x.values, p, weights);
  for (let i = 0; i < p; i++) gram[i * p + i]! += lambda * total;
  const map = new Float64Array(p * d);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < p; i++) {
      const scaled = weightOf(row) * x.values[row * p + i]!;
      for (let j = 0; j < d; j++) map[i * d + j]! += scaled * y.values[row * d + j]!;
    }
  }
  const factor = choleskyFactor(gram, p);
  for (let j = 0; j < d; j++) {
    const column = Float64Array.from({ length: p }, (_, i) => map[i * d + j]!);
    factor.solve(column);
    for (let i = 0; i < p; i++) map[i * d + j] = column[i]!;
  }
  const intercept = y.mean.slice();
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < d; j++) intercept[j]! -= x.mean[i]! * map[i * d + j]!;
  }
  return { map, intercept };
}

function centred(
  matrix: Float64Array,
  d: number,
  weightOf: (row: number) => number,
  total: number,
): { values: Float64Array; mean: Float64Array } {
  const mean = new Float64Array(d);
  for (let at = 0; at < matrix.length; at++) {
    mean[at % d]! += (weightOf(Math.floor(at / d)) * matrix[at]!) / total;
  }
  return { values: matrix.map((value, at) => value - mean[at % d]!), mean };
}
