import { covariance, mergeSums, momentsOf, type Moments } from "./sums.ts";
import type {
  ArmSums,
  ComparisonError,
  Distributions,
  Interval,
  MetricKind,
  Sided,
} from "./types.ts";

/** The difference of two arms before any test: all three readings start from it. */
export interface Effect {
  /** Treatment minus control; divided by |control mean| where relative. */
  lift: number;
  stderr: number;
  /** Welch-Satterthwaite degrees of freedom, on the absolute scale even for a relative lift. */
  df: number;
  /** Units of both arms. */
  n: number;
  /** Mean of the control as counted, without adjustment. */
  control_mean: number;
}

export type EffectOrError =
  | { effect: Effect; error: null }
  | { effect: null; error: ComparisonError };

interface EffectOptions {
  kind: MetricKind;
  relative: boolean;
}

const failed = (error: ComparisonError): EffectOrError => ({ effect: null, error });

/** Part of the variance of a difference that each arm brings, and the difference itself. */
interface Parts {
  lift: number;
  treatment: number;
  control: number;
  df: number;
}

function welchDf(treatment: Moments, control: Moments): number {
  const t = treatment.variance / treatment.n;
  const c = control.variance / control.n;
  return (t + c) ** 2 / (t ** 2 / (treatment.n - 1) + c ** 2 / (control.n - 1));
}

/**
 * Relative lift by the delta method: (mT - mC) / |mC| with variance vT / (nT mC^2) + vC mT^2 / (nC mC^4); absolute:
 * mT - mC with vT / nT + vC / nC.
 */
function plainParts(treatment: Moments, control: Moments, relative: boolean): Parts {
  const base = relative ? Math.abs(control.mean) : 1;
  const bend = relative ? (treatment.mean / control.mean) ** 2 : 1;
  return {
    lift: (treatment.mean - control.mean) / base,
    treatment: treatment.variance / treatment.n / base ** 2,
    control: (control.variance / control.n / base ** 2) * bend,
    df: welchDf(treatment, control),
  };
}

/**
 * Theta of CUPED (Deng et al. 2013): cov(Y, X) / var(X) over both arms together; 0 where the period before the
 * exposure says nothing.
 */
export function cupedTheta(left: ArmSums, right: ArmSums): number {
  const both = mergeSums(left, right);
  const variance = covariance(both.n, both.pre_sum_squares, both.pre_sum, both.pre_sum);
  if (variance <= 0) return 0;
  return covariance(both.n, both.pre_product_sum, both.sum, both.pre_sum) / variance;
}

/**
 * The same two formulas on Y - theta X; the baseline of a relative lift stays the control mean as counted, and the
 * variance takes into account that it is estimated too.
 */
function adjustedParts(
  [treatment, control]: [ArmSums, ArmSums],
  [plainT, plainC]: [Moments, Moments],
  relative: boolean,
): Parts {
  const theta = cupedTheta(treatment, control);
  const adjust = (arm: ArmSums, plain: Moments) => {
    const cov = covariance(arm.n, arm.pre_product_sum, arm.sum, arm.pre_sum);
    const pre = covariance(arm.n, arm.pre_sum_squares, arm.pre_sum, arm.pre_sum);
    /** Variance of bend * Y - theta X. */
    const variance = (bend: number) =>
      plain.variance * bend ** 2 + theta ** 2 * pre - 2 * theta * cov * bend;
    return { n: arm.n, mean: plain.mean - (theta * arm.pre_sum) / arm.n, variance };
  };
  const t = adjust(treatment, plainT);
  const c = adjust(control, plainC);
  const base = relative ? Math.abs(plainC.mean) : 1;
  const bend = relative ? plainT.mean / plainC.mean : 1;
  const flat = (arm: typeof t): Moments => ({ ...arm, variance: arm.variance(1) });
  return {
    lift: (t.mean - c.mean) / base,
    treatment: t.variance(1) / t.n / base ** 2,
    control: c.variance(bend) / c.n / base ** 2,
    df: welchDf(flat(t), flat(c)),
  };
}

/** Whether a comparison of these arms is CUPED-adjusted: something is known of the time before the exposure. */
const isAdjusted = (kind: MetricKind, arms: readonly ArmSums[]) =>
  kind !== "ratio" && arms.some((arm) => arm.pre_sum_squares > 0);

/**
 * The effect of a treatment against the control, or why there is none, in this order: an arm with one unit or less ->
 * NOT_ENOUGH_DATA; a variance that is not above 0 (or no finite number) -> ZERO_NEGATIVE_VARIANCE; a relative lift on
 * a control mean of 0 -> BASELINE_VARIATION_ZERO.
 */
export function effectOf(
  control: ArmSums,
  treatment: ArmSums,
  { kind, relative }: EffectOptions,
): EffectOrError {
  if (control.n <= 1 || treatment.n <= 1) return failed("NOT_ENOUGH_DATA");
  const c = momentsOf(kind, control);
  const t = momentsOf(kind, treatment);
  if (!(c.variance > 0) || !(t.variance > 0)) return failed("ZERO_NEGATIVE_VARIANCE");
  if (relative && c.mean === 0) return failed("BASELINE_VARIATION_ZERO");
  const parts = isAdjusted(kind, [control, treatment])
    ? adjustedParts([treatment, control], [t, c], relative)
    : plainParts(t, c, relative);
  const stderr = Math.sqrt(parts.treatment + parts.control);
  const sound = parts.treatment >= 0 && parts.control >= 0 && stderr > 0;
  if (!sound || ![stderr, parts.lift, parts.df].every(Number.isFinite)) {
    return failed("ZERO_NEGATIVE_VARIANCE");
  }
  const effect = { lift: parts.lift, stderr, df: parts.df, n: c.n + t.n, control_mean: c.mean };
  return { effect, error: null };
}

/** An interval for a lift and how unlikely the data are without one. */
export interface Reading {
  ci: Interval;
  /** 0..1. */
  p: number;
}

/**
 * Welch's t test at a sample size fixed in advance: lift +- t(1 - alpha / 2) stderr, p from the survival function (1 -
 * cdf loses everything below 1e-16). A one-sided interval has one infinite end.
 */
export function fixedReading(
  { lift, stderr, df }: Effect,
  { alpha, sided }: { alpha: number; sided: Sided },
  dist: Distributions,
): Reading {
  const t = lift / stderr;
  const half = (tail: number) => -dist.studentTQuantile(tail, df) * stderr;
  if (sided === "greater") {
    return { ci: [lift - half(alpha), null], p: dist.studentTSurvival(t, df) };
  }
  if (sided === "lesser") {
    return { ci: [null, lift + half(alpha)], p: dist.studentTSurvival(-t, df) };
  }
  const width = half(alpha / 2);
  return {
    ci: [lift - width, lift + width],
    p: Math.min(1, 2 * dist.studentTSurvival(Math.abs(t), df)),
  };
}
