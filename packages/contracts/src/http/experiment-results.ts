import { z } from "zod";

import { insDatetime, storedText } from "./common.ts";
import { experimentStatus, metricDirection, metricKind } from "./experiments.ts";

const ci = z
  .tuple([z.number().nullable(), z.number().nullable()])
  .describe("An end that is infinite is null");
const alpha = z.number().gt(0).lt(1);
const finite = z.number();
const count = z.number().min(0);

export const calculatorOptions = z.strictObject({
  alpha: alpha.default(0.05),
  relative: z.boolean().default(true),
  sided: z.enum(["two", "lesser", "greater"]).default("two"),
  sequential_tuning: z.number().positive().default(5_000),
  prior: z
    .strictObject({
      mean: finite.default(0),
      stddev: z.number().positive().default(0.3),
      proper: z.boolean().default(false),
    })
    .prefault({}),
});
const armSums = z.strictObject({
  index: z.int().min(0),
  n: count,
  sum: finite.default(0),
  sum_squares: finite.optional().describe("May be left out for binary"),
  denominator_sum: finite.default(0),
  denominator_sum_squares: finite.default(0),
  product_sum: finite.default(0),
  pre_sum: finite.default(0),
  pre_sum_squares: finite.default(0),
  pre_product_sum: finite.default(0),
});
export const calculateBody = z
  .strictObject({
    metric: z
      .strictObject({
        kind: metricKind.default("binary"),
        direction: metricDirection.default("increase"),
      })
      .prefault({}),
    arms: z
      .array(armSums)
      .min(1)
      .max(100)
      .refine(
        (arms) => new Set(arms.map((arm) => arm.index)).size === arms.length,
        "indexes must differ",
      )
      .refine((arms) => arms.some((arm) => arm.index === 0), "arm 0, the control, is missing"),
    weights: z.array(z.number().min(0)).max(100).optional(),
    options: calculatorOptions.prefault({}),
  })
  .refine(
    ({ metric, arms }) =>
      metric.kind === "binary" || arms.every((arm) => arm.sum_squares !== undefined),
    { path: ["arms"], message: "sum_squares is required for this kind" },
  );

export const srm = z.object({
  p: z.number(),
  chi2: z.number(),
  df: z.int(),
  status: z.enum(["ok", "warning", "failed", "not_enough_traffic"]),
  gap_points: z.number().describe("Largest gap between share and weight, percentage points"),
});
const reading = z.object({ ci, p: z.number() });
const bayesian = z.object({
  chance_to_win: z.number(),
  ci,
  risk: z.object({ ship: z.number(), keep: z.number() }),
});
const error = z
  .enum(["NOT_ENOUGH_DATA", "ZERO_NEGATIVE_VARIANCE", "BASELINE_VARIATION_ZERO"])
  .nullable();
export const comparison = z.object({
  index: z.int(),
  lift: z.number(),
  stderr: z.number(),
  fixed: reading,
  always_valid: reading,
  bayesian,
  error,
});
export const calculateResponse = z
  .object({ health: z.object({ srm }), comparisons: z.array(comparison) })
  .meta({ id: "Calculation" });

export const sampleSizeBody = z
  .strictObject({
    baseline: z.strictObject({
      mean: z.number().refine((mean) => mean !== 0, "must not be 0"),
      variance: z.number().positive().optional().describe("Default: that of a rate, m (1 - m)"),
    }),
    lift: z
      .number()
      .refine((lift) => lift !== 0, "must not be 0")
      .describe("Relative; .05 = 5 %"),
    alpha: alpha.default(0.05),
    power: alpha.default(0.8),
    arms: z.int().min(2).max(100).default(2),
    sequential_tuning: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe("Given: sized for the always-valid reading"),
    units_per_day: z.number().min(0).optional(),
    have_per_arm: z.int().min(0).default(0),
  })
  .refine(
    ({ baseline }) => baseline.variance !== undefined || (baseline.mean > 0 && baseline.mean < 1),
    { path: ["baseline"], message: "give a variance unless the mean is a rate in (0, 1)" },
  );
export const sampleSizeResponse = z
  .object({
    per_arm: z.int().nullable().describe("null: no sample would do"),
    total: z.int().nullable(),
    power_now: z.number().describe("Of have_per_arm units an arm"),
    minimum_detectable_effect: z.number().nullable().describe("Of have_per_arm units an arm"),
    days: z.number().nullable(),
    summary: z.string(),
  })
  .meta({ id: "SampleSize" });

const health = z.object({
  status: z.enum(["ok", "warning", "red", "not_enough_traffic"]),
  summary: z.string(),
  srm: srm.describe("Without bots, unless include_bots"),
  srm_with_bots: srm,
  flips: z.object({ count: z.int(), share: z.number(), status: z.enum(["ok", "warning"]) }),
  bots: z.int(),
  without_key: z.int(),
  unknown_variations: z.array(z.object({ variation_index: z.int(), count: z.int() })),
});
const resultArm = z.object({
  index: z.int(),
  name: z.string(),
  n: z.int(),
  sum: z.number(),
  mean: z.number(),
});
export const resultsResponse = z
  .object({
    experiment: z.object({
      id: z.string(),
      name: z.string(),
      status: experimentStatus,
      started_at: z.string().nullable(),
      stopped_at: z.string().nullable(),
    }),
    computed_at: z.string(),
    options: z.object({
      alpha: z.number(),
      relative: z.boolean(),
      correction: z.enum(["holm", "bh", "none"]),
      sequential_tuning: z.number(),
      include_bots: z.boolean(),
      at: z.string().nullable(),
    }),
    health,
    metrics: z.array(
      z.object({
        name: z.string(),
        kind: metricKind,
        direction: metricDirection,
        guardrail: z.boolean(),
        window_hours: z.number(),
        method: z.string(),
        arms: z.array(resultArm),
        comparisons: z.array(
          comparison.extend({
            name: z.string(),
            n: z.object({ control: z.int(), treatment: z.int() }),
            adjusted: reading.describe("The fixed reading after the correction of the family"),
            verdict: z.enum(["winner", "loser", "no_difference", "withheld", "no_answer"]),
            summary: z.string(),
          }),
        ),
      }),
    ),
    timeseries: z.array(
      z.object({
        day: z.string(),
        arms: z.array(z.object({ index: z.int(), n: z.int(), mean: z.number() })),
        comparisons: z.array(z.object({ index: z.int(), lift: z.number(), always_valid: reading })),
      }),
    ),
  })
  .meta({ id: "ExperimentResults" });

const level = z.number().min(0.5).max(0.99);
const TARGETS = ["ctr", "purchase_rate", "conversion_rate"] as const;
const slotId = z.int().positive();
export const abTestStatus = z.enum(["DRAFT", "RUNNING", "COMPLETED", "CANCELLED"]);
export const abTestBody = z.strictObject({
  project: z.int().positive(),
  name: storedText.trim().min(1).max(200),
  control_slot: slotId,
  variant_slot: slotId,
  target_metric_name: z.enum(TARGETS).default("ctr"),
  min_sample_size: z.int().min(0).max(2_147_483_647).default(1_000),
  confidence_level: level.default(0.95),
});
export const abTestChanges = z
  .strictObject({
    name: storedText.trim().min(1).max(200),
    control_slot: slotId,
    variant_slot: slotId,
    target_metric_name: z.enum(TARGETS),
    min_sample_size: z.int().min(0).max(2_147_483_647),
    confidence_level: level,
  })
  .partial();
export const abTest = z
  .object({
    id: z.int(),
    project: z.int(),
    name: z.string(),
    status: abTestStatus,
    control_slot: z.int(),
    variant_slot: z.int(),
    target_metric_name: z.enum(TARGETS),
    min_sample_size: z.int(),
    confidence_level: z.number(),
    started_at: z.string().nullable(),
    ended_at: z.string().nullable(),
    winner_slot: z.int().nullable(),
    ins_datetime: insDatetime,
    updated_at: z.string(),
  })
  .meta({ id: "AbTest" });
export const promoteWinnerBody = z.strictObject({ slot_id: slotId });
export const promotedWinner = z.object({
  status: z.literal("promoted"),
  winner_slot_id: z.int(),
});
export const abTestResults = z
  .object({
    control_impressions: z.int(),
    control_conversions: z.int(),
    control_rate: z.number(),
    variant_impressions: z.int(),
    variant_conversions: z.int(),
    variant_rate: z.number(),
    z_score: z.number(),
    p_value: z.number(),
    significant: z.boolean(),
    lift: z.number().describe("Percent"),
    confidence_interval: ci.describe("Of the difference of the rates"),
    min_sample_size: z.int(),
    sufficient_data: z.boolean(),
    srm: srm.describe("Users an arm against the weights of the slots"),
    always_valid: reading.describe("Of the relative lift"),
    bayesian: bayesian.describe("Of the relative lift"),
    error,
    users: z.object({ control: z.int(), variant: z.int() }),
    computed_at: z.string(),
    summary: z.string(),
  })
  .meta({ id: "AbTestResults" });
