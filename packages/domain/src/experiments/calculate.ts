import { bayesianReading, type BayesianReading, type Prior } from "./bayesian.ts";
import { effectOf, fixedReading, type Reading } from "./lift.ts";
import { alwaysValidReading } from "./sequential.ts";
import { sampleRatio, type SrmResult } from "./srm.ts";
import type {
  ArmSums,
  ComparisonError,
  Distributions,
  MetricDirection,
  MetricKind,
  Sided,
} from "./types.ts";

export interface CalculationOptions {
  /** In (0, 1). */
  alpha: number;
  relative: boolean;
  sided: Sided;
  /** > 0. */
  sequential_tuning: number;
  prior: Prior;
}

export const DEFAULT_CALCULATION: CalculationOptions = {
  alpha: 0.05,
  relative: true,
  sided: "two",
  sequential_tuning: 5_000,
  prior: { mean: 0, stddev: 0.3, proper: false },
};

export interface CalculationMetric {
  kind: MetricKind;
  direction: MetricDirection;
}

/** One treatment against the control, read in three ways. */
export interface Comparison {
  index: number;
  lift: number;
  stderr: number;
  fixed: Reading;
  always_valid: Reading;
  bayesian: BayesianReading;
  error: ComparisonError | null;
}

export interface Calculation {
  health: { srm: SrmResult };
  comparisons: Comparison[];
}

/** What stands where there is no number: nothing is known, and it says why. */
const unknown = (index: number, error: ComparisonError): Comparison => ({
  index,
  lift: 0,
  stderr: 0,
  fixed: { ci: [0, 0], p: 1 },
  always_valid: { ci: [0, 0], p: 1 },
  bayesian: { chance_to_win: 0.5, ci: [0, 0], risk: { ship: 0, keep: 0 } },
  error,
});

/** One treatment against the control; never NaN: an `error` instead. */
export function compareArms(
  [control, treatment]: [ArmSums, ArmSums],
  { kind, direction }: CalculationMetric,
  options: CalculationOptions,
  dist: Distributions,
): Comparison {
  const { alpha, relative, sided, sequential_tuning: tuning, prior } = options;
  const { effect, error } = effectOf(control, treatment, { kind, relative });
  if (error !== null) return unknown(treatment.index, error);
  return {
    index: treatment.index,
    lift: effect.lift,
    stderr: effect.stderr,
    fixed: fixedReading(effect, { alpha, sided }, dist),
    always_valid: alwaysValidReading(effect, { alpha, tuning, sided }),
    bayesian: bayesianReading(effect, { alpha, relative, direction, prior }, dist),
    error: null,
  };
}

/**
 * Health and comparisons of all arms with arm 0. `weights[i]` belongs to the arm of index i; without any they are equal.
 * The arms must have indexes of their own, one of them 0.
 */
export function calculate(
  {
    metric,
    arms,
    weights,
    options,
  }: {
    metric: CalculationMetric;
    arms: readonly ArmSums[];
    weights?: readonly number[];
    options: CalculationOptions;
  },
  dist: Distributions,
): Calculation {
  const ordered = arms.toSorted((a, b) => a.index - b.index);
  const control = ordered[0];
  if (control?.index !== 0) throw new RangeError("arm 0, the control, is missing");
  const isEqual = weights === undefined || weights.length === 0;
  const srm = sampleRatio(
    ordered.map((arm) => ({ n: arm.n, weight: isEqual ? 1 : (weights[arm.index] ?? 0) })),
    dist,
  );
  const comparisons = ordered
    .slice(1)
    .map((treatment) => compareArms([control, treatment], metric, options, dist));
  return { health: { srm }, comparisons };
}
