import { z } from "zod";

import { MAX_ID_LENGTH } from "../limits.ts";
import { queryFlag, queryInt, queryNumber, storedText } from "./common.ts";
import { rankingVariant, shownRankingVariant } from "./ranking-variant.ts";

/** Most rows one request may carry. */
export const MAX_BATCH_ITEMS = 1_000;
/** Values beyond this have squares that no sum holds. */
const MAX_VALUE = 1e12;

const name = storedText.trim().min(1).max(200);
const metricName = storedText.trim().min(1).max(100);
export const unitId = storedText
  .min(1)
  .max(MAX_ID_LENGTH)
  .refine((text) => text.trim() !== "", "must not be blank");
/** Of one key the earliest telling stands; null: no key. */
export const rowKey = storedText.min(1).max(MAX_ID_LENGTH).nullish();
export const eventTime = z.iso.datetime({ offset: true }).describe("Default: now");
export const eventValue = z.number().min(-MAX_VALUE).max(MAX_VALUE);
const index = z.int().min(0).max(32_767);
export const itemsOf = <T extends z.ZodType>(item: T) =>
  z.array(item).max(MAX_BATCH_ITEMS, `at most ${MAX_BATCH_ITEMS} items a request`);

export const experimentStatus = z.enum(["draft", "running", "stopped", "archived"]);
const variation = z.strictObject({
  index,
  name,
  weight: z.number().min(0).max(1),
  ranking: rankingVariant.optional().describe("How the recommender ranks for its users"),
});
const namespace = z
  .strictObject({
    id: name,
    start: z.number().min(0).max(1),
    end: z.number().min(0).max(1),
  })
  .refine(({ start, end }) => start < end, { path: ["end"], message: "must lie after start" });
const hours = z.number().positive().max(8_760);
export const metricKind = z.enum(["binary", "mean", "ratio"]);
export const metricDirection = z.enum(["increase", "decrease"]);
export const experimentMetric = z
  .strictObject({
    name: metricName,
    kind: metricKind.default("binary"),
    direction: metricDirection.default("increase"),
    guardrail: z.boolean().default(false),
    numerator: metricName.optional().describe("Metric of the conversions; default: the name"),
    denominator: metricName.optional().describe("ratio only"),
    window_hours: hours.optional().describe("Default: conversion_window_hours"),
    pre_exposure_hours: hours
      .optional()
      .describe("Conversions this long before the exposure adjust the comparison (CUPED)"),
  })
  .refine((metric) => (metric.kind === "ratio") === (metric.denominator !== undefined), {
    path: ["denominator"],
    message: "a ratio has a denominator, other kinds have none",
  })
  .refine((metric) => metric.kind !== "ratio" || metric.pre_exposure_hours === undefined, {
    path: ["pre_exposure_hours"],
    message: "a ratio is not adjusted",
  });

const variations = z
  .array(variation)
  .min(1)
  .max(100)
  .refine((all) => new Set(all.map((one) => one.index)).size === all.length, "indexes must differ")
  .refine((all) => all.every((one) => one.index < all.length), "indexes count from 0")
  .refine(
    (all) => Math.abs(all.reduce((sum, one) => sum + one.weight, 0) - 1) <= 1e-6,
    "weights must sum to 1",
  )
  .transform((all) => all.toSorted((a, b) => a.index - b.index));
const metrics = z
  .array(experimentMetric)
  .max(20)
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, "names must differ");
const coverage = z.number().min(0).max(1);
const hashSeed = storedText.min(1).max(200);
const hashVersion = z.union([z.literal(1), z.literal(2)]);

export const experimentBody = z.strictObject({
  name,
  status: z.enum(["draft", "running"]).default("draft"),
  variations,
  hash_seed: hashSeed.optional().describe("Default: the experiment's id"),
  hash_version: hashVersion.default(2),
  coverage: coverage.default(1),
  namespace: namespace.nullable().default(null),
  conversion_window_hours: hours.default(168),
  metrics: metrics.default([]),
});
export const experimentChanges = z
  .strictObject({
    name,
    status: experimentStatus,
    variations,
    hash_seed: hashSeed,
    hash_version: hashVersion,
    coverage,
    namespace: namespace.nullable(),
    conversion_window_hours: hours,
    metrics,
  })
  .partial();
export const experiment = z
  .object({
    id: z.uuid(),
    project: z.int(),
    name: z.string(),
    status: experimentStatus,
    variations: z.array(
      z.object({
        index,
        name: z.string(),
        weight: z.number(),
        ranking: shownRankingVariant.optional(),
      }),
    ),
    hash_seed: z.string(),
    hash_version: z.int(),
    coverage: z.number(),
    namespace: z.object({ id: z.string(), start: z.number(), end: z.number() }).nullable(),
    conversion_window_hours: z.number(),
    metrics: z.array(
      z.object({
        name: z.string(),
        kind: metricKind,
        direction: metricDirection,
        guardrail: z.boolean(),
        numerator: z.string().optional(),
        denominator: z.string().optional(),
        window_hours: z.number().optional(),
        pre_exposure_hours: z.number().optional(),
      }),
    ),
    created_at: z.string(),
    updated_at: z.string(),
    started_at: z.string().nullable(),
    stopped_at: z.string().nullable(),
  })
  .meta({ id: "Experiment" });
export type ExperimentBody = z.output<typeof experiment>;
/** Which variation everybody gets from now on. */
export const promoteVariationBody = z.strictObject({
  variation_index: z.int().min(0).max(1_000),
});
/** How a project ranks for everybody who takes part in no experiment. */
export const projectRanking = z
  .object({
    project: z.int(),
    ranking: shownRankingVariant.describe("What it changes of the ranking that ships"),
    experiment_id: z.uuid().nullable(),
    variation_index: z.int().nullable(),
    updated_at: z.string(),
  })
  .meta({ id: "ProjectRanking" });
export const promotedVariation = z.object({
  experiment,
  ranking: projectRanking.nullable().describe("Of the project from now on; null: as it ships"),
});
export const promotionState = promotedVariation.pick({ ranking: true });

export const experimentsQuery = z.object({
  page: queryInt(1, 100_000, 1),
  page_size: queryInt(1, 500, 50),
  project: queryInt(0, Number.MAX_SAFE_INTEGER, 0),
  status: experimentStatus.optional(),
});

export const assignmentQuery = z.object({ user_id: z.string().max(MAX_ID_LENGTH) });
export const assignment = z
  .object({ variation_index: z.int().nullable(), hash: z.number().nullable() })
  .meta({ id: "Assignment" });

export const exposureItem = z.strictObject({
  user_id: unitId,
  variation_index: index,
  occurred_at: eventTime.nullish(),
  is_bot: z.boolean().optional(),
});
export const exposuresBody = z.strictObject({ exposures: itemsOf(exposureItem) });
export const conversionItem = z.strictObject({
  user_id: unitId,
  metric: metricName,
  value: eventValue.default(1),
  idempotency_key: rowKey,
  occurred_at: eventTime.nullish(),
  is_bot: z.boolean().optional(),
});
export const conversionsBody = z.strictObject({ conversions: itemsOf(conversionItem) });

const counted = {
  received: z.int(),
  recorded: z.int().describe("Rows that are new"),
  deduplicated: z.int().describe("Received, seen before"),
  erased: z.int().optional().describe("Of erased users; absent when none"),
};
export const exposuresResponse = z
  .object({ ...counted, flipped: z.int().describe("Units that this request turned") })
  .meta({ id: "ExposuresResponse" });
export const conversionsResponse = z.object(counted).meta({ id: "ConversionsResponse" });
export const ingestionSummary = z
  .object({
    exposures_total: z.int(),
    exposure_counts: z.array(z.object({ variation_index: z.int(), count: z.int() })),
    flipped_total: z.int().describe("Units seen with more than one variation"),
    bots_total: z.int(),
    conversions_total: z.int(),
    without_key: z.int(),
    conversion_counts: z.array(
      z.object({ metric: z.string(), count: z.int(), value_sum: z.number() }),
    ),
  })
  .meta({ id: "IngestionSummary" });

export const resultsQuery = z.object({
  metric: metricName.optional(),
  alpha: queryNumber(1e-9, 1 - 1e-9),
  relative: z
    .enum(["true", "false", "1", "0"])
    .default("true")
    .transform((value) => value === "true" || value === "1"),
  correction: z.enum(["holm", "bh", "none"]).default("holm"),
  at: z.iso.datetime({ offset: true }).optional(),
  include_bots: queryFlag,
});
