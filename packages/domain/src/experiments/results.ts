import {
  compareArms,
  DEFAULT_CALCULATION,
  type CalculationOptions,
  type Comparison,
} from "./calculate.ts";
import { readHealth, type CountedArm, type ExperimentHealth } from "./health.ts";
import type { Reading } from "./lift.ts";
import { adjustedInterval, adjustP, type Correction } from "./multiple-testing.ts";
import { summarise, type Verdict } from "./summary.ts";
import { emptySums, mergeSums, momentsOf } from "./sums.ts";
import type { ArmSums, Distributions, MetricDirection, MetricKind } from "./types.ts";

export interface ReadMetric {
  name: string;
  kind: MetricKind;
  direction: MetricDirection;
  guardrail: boolean;
  window_hours: number;
}

export interface ResultsOptions {
  alpha: number;
  relative: boolean;
  correction: Correction;
  include_bots: boolean;
}

export interface ResultsInput {
  variations: readonly { index: number; name: string; weight: number }[];
  metrics: readonly ReadMetric[];
  /** Sums in the order of the metrics. */
  arms: readonly (CountedArm & { sums: readonly ArmSums[] })[];
  flipped: number;
  withoutKey: number;
  options: ResultsOptions;
}

export interface ReadComparison extends Comparison {
  name: string;
  n: { control: number; treatment: number };
  /** The fixed reading after the correction for the family. */
  adjusted: Reading;
  verdict: Verdict;
  summary: string;
}

export interface MetricResults extends ReadMetric {
  method: string;
  arms: { index: number; name: string; n: number; sum: number; mean: number }[];
  comparisons: ReadComparison[];
}

export interface Results {
  health: ExperimentHealth;
  metrics: MetricResults[];
}

const calculationOf = ({ alpha, relative }: ResultsOptions): CalculationOptions => ({
  ...DEFAULT_CALCULATION,
  alpha,
  relative,
});

/** One arm a planned variation, bots left out unless they are asked for. */
function armsOf({ variations, arms, options }: ResultsInput, metric: number): ArmSums[] {
  return variations.map(({ index }) =>
    arms
      .filter((arm) => arm.variation_index === index && (options.include_bots || !arm.is_bot))
      .flatMap((arm) => arm.sums[metric] ?? [])
      .reduce(mergeSums, emptySums(index)),
  );
}

/**
 * Health, then every metric: arms, three readings a treatment, the correction over all goal metrics
 * and arms (guardrails outside), a verdict and a sentence. The verdict follows the always-valid
 * reading, so that looking early costs nothing; while health is red there is none.
 */
export function readResults(input: ResultsInput, dist: Distributions): Results {
  const { variations, metrics, options, flipped, withoutKey } = input;
  const includeBots = options.include_bots;
  const health = readHealth(
    { variations, arms: input.arms, flipped, withoutKey, includeBots },
    dist,
  );
  const read = metrics.map((metric, place) => {
    const arms = armsOf(input, place);
    const control = arms.find((arm) => arm.index === 0) ?? emptySums(0);
    const comparisons = arms
      .filter((arm) => arm.index !== 0)
      .map((arm) => compareArms([control, arm], metric, calculationOf(options), dist));
    return { metric, arms, control, comparisons };
  });
  const family = read
    .filter(({ metric }) => !metric.guardrail)
    .flatMap(({ comparisons }) => comparisons)
    .filter(({ error }) => error === null);
  const correct = (of: (one: Comparison) => number): Map<Comparison, number> => {
    const p = adjustP(family.map(of), options.correction);
    return new Map(family.map((one, place) => [one, p[place] as number]));
  };
  const fixed = correct((one) => one.fixed.p);
  const always = correct((one) => one.always_valid.p);
  return {
    health,
    metrics: read.map(({ metric, arms, control, comparisons }) => ({
      ...metric,
      method: methodOf(metric, arms, options),
      arms: arms.map((arm) => ({
        index: arm.index,
        name: nameOf(variations, arm.index),
        n: arm.n,
        sum: arm.sum,
        mean: momentsOf(metric.kind, arm).mean,
      })),
      comparisons: comparisons.map((one) => {
        const p = fixed.get(one) ?? one.fixed.p;
        const names = { control: nameOf(variations, 0), treatment: nameOf(variations, one.index) };
        const treatment = arms.find((arm) => arm.index === one.index)?.n ?? 0;
        const n = { control: control.n, treatment };
        const alwaysP = always.get(one) ?? one.always_valid.p;
        const told = summarise({ metric, comparison: one, names, n, health, alwaysP, options });
        return {
          ...one,
          name: names.treatment,
          n,
          adjusted: adjustedOf(one, p, options, dist),
          ...told,
        };
      }),
    })),
  };
}

const nameOf = (variations: ResultsInput["variations"], index: number): string =>
  variations.find((one) => one.index === index)?.name ?? String(index);

function adjustedOf(
  { fixed, lift, error }: Comparison,
  p: number,
  { alpha, correction }: ResultsOptions,
  dist: Distributions,
): Reading {
  if (error !== null || correction === "none" || p === fixed.p) return fixed;
  return { p, ci: adjustedInterval({ lift, ci: fixed.ci, p }, alpha, dist) };
}

function methodOf(
  { kind }: ReadMetric,
  arms: readonly ArmSums[],
  { relative }: ResultsOptions,
): string {
  const adjusted = kind !== "ratio" && arms.some((arm) => arm.pre_sum_squares > 0);
  const scale = relative ? "relative lift" : "difference of means";
  const delta = relative || kind === "ratio" ? ", delta method" : "";
  const tuning = DEFAULT_CALCULATION.sequential_tuning;
  return `${scale}: Welch's t${delta}; confidence sequence (N* = ${tuning}); Gaussian effect, flat prior${adjusted ? "; adjusted by the time before the exposure (CUPED)" : ""}`;
}

export interface DayPoint {
  day: string;
  arms: { index: number; n: number; mean: number }[];
  comparisons: { index: number; lift: number; always_valid: Reading }[];
}

/**
 * One metric as it stood at the end of each day (UTC). @param days what each day adds, in the order
 * of days.
 */
export function readTimeseries(
  {
    variations,
    metric,
    days,
    options,
  }: {
    variations: readonly { index: number }[];
    metric: Pick<ReadMetric, "kind" | "direction">;
    days: readonly { day: string; sums: ArmSums }[];
    options: ResultsOptions;
  },
  dist: Distributions,
): DayPoint[] {
  const now = new Map(variations.map(({ index }) => [index, emptySums(index)]));
  const points: DayPoint[] = [];
  for (const day of new Set(days.map((one) => one.day))) {
    for (const { sums } of days.filter((one) => one.day === day)) {
      const before = now.get(sums.index);
      if (before !== undefined) now.set(sums.index, mergeSums(before, sums));
    }
    const arms = [...now.values()];
    const control = now.get(0) ?? emptySums(0);
    points.push({
      day,
      arms: arms.map((arm) => ({
        index: arm.index,
        n: arm.n,
        mean: momentsOf(metric.kind, arm).mean,
      })),
      comparisons: arms
        .filter((arm) => arm.index !== 0)
        .map((arm) => {
          const one = compareArms([control, arm], metric, calculationOf(options), dist);
          return { index: one.index, lift: one.lift, always_valid: one.always_valid };
        }),
    });
  }
  return points;
}
