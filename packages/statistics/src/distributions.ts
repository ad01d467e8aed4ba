import betainc from "@stdlib/math-base-special-betainc";
import erfc from "@stdlib/math-base-special-erfc";
import erfcinv from "@stdlib/math-base-special-erfcinv";
import gammainc from "@stdlib/math-base-special-gammainc";
import tQuantile from "@stdlib/stats-base-dists-t-quantile";

const SQRT_2 = Math.SQRT2;

/**
 * P(Z <= z) of the standard normal distribution, 0..1. Exact to a few units in the last place in both tails down to
 * 1e-308, because it asks erfc for the tail itself instead of subtracting from 1.
 */
export const normalCdf = (z: number): number => 0.5 * erfc(-z / SQRT_2);

/** The z with P(Z <= z) = p; p in [0, 1], -Infinity and Infinity at its ends. */
export const normalQuantile = (p: number): number => 0 - SQRT_2 * erfcinv(2 * p);

/**
 * P(T > t) of Student's t with `df` > 0 degrees of freedom, 0..1: half of the regularised incomplete beta function
 * I_x(df / 2, 1 / 2) at x = df / (df + t^2) (Abramowitz and Stegun 26.7.1). For |t| so small that x rounds to 1 the
 * answer is 1/2, off by less than 1e-8.
 */
export function studentTSurvival(t: number, df: number): number {
  if (t === Infinity) return 0;
  if (t === -Infinity) return 1;
  const tail = 0.5 * betainc(df / (df + t * t), df / 2, 0.5, true, false);
  return t >= 0 ? tail : 1 - tail;
}

/** The t with P(T <= t) = p; p in [0, 1], `df` > 0. */
export const studentTQuantile = (p: number, df: number): number => tQuantile(p, df);

/** P(X > x) of chi-square with `df` > 0 degrees of freedom, 0..1: the upper regularised gamma function itself. */
export const chiSquareSurvival = (x: number, df: number): number =>
  x <= 0 ? 1 : gammainc(x / 2, df / 2, true, true);

/** All of them, in the shape that the experiment functions of the domain take as an argument. */
export const distributions = {
  normalCdf,
  normalQuantile,
  studentTSurvival,
  studentTQuantile,
  chiSquareSurvival,
};
