/** How a metric turns its events into one number a unit: did it happen; how much; how much of one per another. */
export type MetricKind = "binary" | "mean" | "ratio";

/** Which way is better. */
export type MetricDirection = "increase" | "decrease";

/** Which difference a test looks for: any, treatment below control, treatment above control. */
export type Sided = "two" | "lesser" | "greater";

/**
 * What one arm of an experiment adds up to for one metric. Every field but `index` is a plain sum over units, so two
 * parts of an arm merge by addition.
 */
export interface ArmSums {
  /** Variation; 0 is the control. */
  index: number;
  /** Units. */
  n: number;
  /** Sum of the metric (numerator of a ratio) and of its square. */
  sum: number;
  sum_squares: number;
  /** Ratio only: sum of the denominator, of its square, of numerator times denominator. */
  denominator_sum: number;
  denominator_sum_squares: number;
  product_sum: number;
  /** The same metric before the exposure: its sum, of its square, of it times the metric. */
  pre_sum: number;
  pre_sum_squares: number;
  pre_product_sum: number;
}

/** Distribution functions, given by the caller: this room imports nothing. Probabilities are 0..1. */
export interface Distributions {
  normalCdf(z: number): number;
  normalQuantile(p: number): number;
  /** P(T > t). */
  studentTSurvival(t: number, df: number): number;
  studentTQuantile(p: number, df: number): number;
  /** P(X > x). */
  chiSquareSurvival(x: number, df: number): number;
}

/** Why there is no number. */
export type ComparisonError =
  | "NOT_ENOUGH_DATA"
  | "ZERO_NEGATIVE_VARIANCE"
  | "BASELINE_VARIATION_ZERO";

/** Both ends of an interval; an end that is infinite is null. */
export type Interval = [low: number | null, high: number | null];
