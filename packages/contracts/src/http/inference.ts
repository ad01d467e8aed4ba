import { z } from "zod";

/** Longest user or item id a prediction takes, characters. */
const MAX_PREDICTION_ID = 256;
/** Items of one list at most. */
export const MAX_CUTOFF = 1_000;
/** Users of one batch at most. */
export const MAX_BATCH_USERS = 100;

const id = z.string().min(1).max(MAX_PREDICTION_ID);
const cutoff = z.int().min(1).max(MAX_CUTOFF).default(10);
const excludeItems = z.array(id).max(MAX_CUTOFF).default([]).describe("Never in the list");

export const predictBody = z.strictObject({
  user_id: id,
  cutoff,
  exclude_items: excludeItems,
  fallback: z
    .boolean()
    .default(false)
    .describe("A user the model does not know: the next slot's model, then popular items"),
});
export type PredictBody = z.output<typeof predictBody>;

export const predictBatchBody = z.strictObject({
  user_ids: z.array(id).max(MAX_BATCH_USERS),
  cutoff,
});
export type PredictBatchBody = z.output<typeof predictBatchBody>;

export const relatedBody = z.strictObject({
  seed_items: z.array(id).min(1).max(100),
  cutoff,
  exclude_items: excludeItems,
});
export type RelatedBody = z.output<typeof relatedBody>;

const list = {
  items: z.array(z.object({ item_id: z.string(), score: z.number() })).describe("Best first"),
  model_id: z.int(),
  request_id: z.uuid().describe("What impressions and conversions of this list carry"),
};
const fallback = z
  .literal("popular")
  .optional()
  .describe("No model knew the user: items most people had");

export const prediction = z.object({ ...list, fallback }).meta({ id: "Prediction" });
export type Prediction = z.output<typeof prediction>;

export const batchPrediction = z
  .object({ results: z.array(z.object({ user_id: z.string(), ...list })) })
  .meta({ id: "BatchPrediction" });
export type BatchPrediction = z.output<typeof batchPrediction>;

export const projectPrediction = z
  .object({
    ...list,
    slot_id: z.int(),
    slot_name: z.string(),
    variation_index: z.int(),
    assigned_slot_id: z
      .int()
      .optional()
      .describe("After a fall: the user's own slot, the one that reports name"),
    skipped_slots: z.array(z.int()).optional().describe("Slots whose model cannot be loaded"),
    fallback,
  })
  .meta({ id: "ProjectPrediction" });
export type ProjectPrediction = z.output<typeof projectPrediction>;

/** How the list of a shadow compares with the list that was served; means over `compared`. */
export const shadowComparisons = z
  .object({
    slots: z.array(
      z.object({
        slot_id: z.int(),
        model_id: z.int(),
        compared: z.int().describe("Requests that were put to it, since this gateway started"),
        dropped: z.int().describe("Sampled, but too many were waiting"),
        errors: z.int().describe("It threw, could not be loaded, or does not know the user"),
        overlap: z.number().nullable().describe("Share of the served items it has as well"),
        rank_correlation: z
          .number()
          .nullable()
          .describe("Spearman, over the items both have; null: never two of them"),
        scoring_ms: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: "ShadowComparisons" });
export type ShadowComparisons = z.output<typeof shadowComparisons>;

export const inferenceHealth = z.object({ status: z.literal("healthy"), loaded_models: z.int() });
export const loadedModels = z.object({
  models: z.array(z.int()).describe("Least recently used first"),
  count: z.int(),
});
