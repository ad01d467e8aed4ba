import type { ArmSums, MetricKind } from "./types.ts";

const ADDED = [
  "n",
  "sum",
  "sum_squares",
  "denominator_sum",
  "denominator_sum_squares",
  "product_sum",
  "pre_sum",
  "pre_sum_squares",
  "pre_product_sum",
] as const;

/** An arm without units. */
export function emptySums(index: number): ArmSums {
  const sums = { index } as ArmSums;
  for (const field of ADDED) sums[field] = 0;
  return sums;
}

/** Two disjoint parts of one arm as one; the index is that of the first. */
export function mergeSums(left: ArmSums, right: ArmSums): ArmSums {
  const sums = { index: left.index } as ArmSums;
  for (const field of ADDED) sums[field] = left[field] + right[field];
  return sums;
}

/** One unit's numbers, to be added up. */
export interface UnitValue {
  value: number;
  denominator?: number;
  /** The same metric before the exposure. */
  pre?: number;
}

/** An arm with one more unit. */
export function addUnit(sums: ArmSums, { value, denominator = 0, pre = 0 }: UnitValue): ArmSums {
  return mergeSums(sums, {
    index: sums.index,
    n: 1,
    sum: value,
    sum_squares: value * value,
    denominator_sum: denominator,
    denominator_sum_squares: denominator * denominator,
    product_sum: value * denominator,
    pre_sum: pre,
    pre_sum_squares: pre * pre,
    pre_product_sum: value * pre,
  });
}

/** Covariance of two sums over n units with Bessel's correction; of a sum with itself it is the variance. */
export const covariance = (n: number, products: number, left: number, right: number): number =>
  n <= 1 ? 0 : (products - (left * right) / n) / (n - 1);

/** Mean per unit and variance of one unit's value. */
export interface Moments {
  n: number;
  mean: number;
  variance: number;
}

/**
 * Mean and variance of an arm. binary: m(1 - m), without Bessel's correction, so `sum_squares` is not read. mean: the
 * sample variance. ratio: sum over sum, variance by the delta method with d and m the means per unit:
 * vM / d^2 + vD m^2 / d^4 - 2 cov m / d^3. No units, or no denominator: mean and variance are 0.
 */
export function momentsOf(kind: MetricKind, arm: ArmSums): Moments {
  const { n } = arm;
  if (n <= 0) return { n, mean: 0, variance: 0 };
  const mean = arm.sum / n;
  if (kind === "binary") return { n, mean, variance: mean * (1 - mean) };
  const variance = covariance(n, arm.sum_squares, arm.sum, arm.sum);
  if (kind === "mean") return { n, mean, variance };
  const d = arm.denominator_sum / n;
  if (d === 0) return { n, mean: 0, variance: 0 };
  const vD = covariance(n, arm.denominator_sum_squares, arm.denominator_sum, arm.denominator_sum);
  const cov = covariance(n, arm.product_sum, arm.sum, arm.denominator_sum);
  return {
    n,
    mean: mean / d,
    variance: variance / d ** 2 + (vD * mean ** 2) / d ** 4 - (2 * cov * mean) / d ** 3,
  };
}
