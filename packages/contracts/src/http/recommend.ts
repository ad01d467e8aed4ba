import {
  CANDIDATE_SOURCES,
  REASON_KINDS,
  RULE_KINDS,
  SERENDIPITY_OUTCOMES,
} from "@signalpath/domain";
import { z } from "zod";

import { MAX_ID_LENGTH } from "../limits.ts";
import { queryFlag, queryInt, queryNumber } from "./common.ts";

// Trimmed as ingest trims it.
const userId = z.string().trim().min(1).max(MAX_ID_LENGTH);

export const recommendQuery = z
  .object({
    user_id: userId,
    limit: queryInt(1, 100, 10),
    filter: z
      .string()
      .max(301)
      .regex(/^[^:]*\S[^:]*:.*\S/, "must be facet:label")
      .optional()
      .describe("facet:label that every item must carry"),
    exclude: z
      .string()
      .optional()
      .transform((text) =>
        text
          ? text
              .split(",")
              .map((id) => id.trim())
              .filter((id) => id !== "")
          : [],
      )
      .describe("Item ids, comma separated"),
    near_lat: queryNumber(-90, 90),
    near_lon: queryNumber(-180, 180),
    geo_radius_m: queryNumber(1, 20_100_000),
    explain: queryFlag.describe(
      "Reasons and contributions are always counted; this shows them all",
    ),
    include_content: queryFlag,
    placement: z
      .string()
      .trim()
      .min(1)
      .max(MAX_ID_LENGTH)
      .optional()
      .describe("Where the list is shown: rules may hold for one placement only"),
    as_of: z.iso
      .datetime({ offset: true })
      .optional()
      .describe(
        "Replays the request for the events up to this moment (needs scope read): the model is " +
          "folded anew; of today's rules those that held then apply, everything else is of now. Nothing is learned from it",
      ),
    serendipity: queryFlag.describe("Keep one place for an item far from the person's taste"),
  })
  .refine((query) => (query.near_lat === undefined) === (query.near_lon === undefined), {
    message: "near_lat and near_lon go together",
    path: ["near_lat"],
  })
  .refine((query) => query.geo_radius_m === undefined || query.near_lat !== undefined, {
    message: "geo_radius_m needs near_lat and near_lon",
    path: ["geo_radius_m"],
  });
export type RecommendQuery = z.output<typeof recommendQuery>;

export const reason = z.object({
  kind: z.enum(REASON_KINDS),
  label: z.string(),
  weight: z.number(),
  evidence: z.array(z.string()),
  text: z.string(),
});
export const recommendedItem = z.object({
  item_id: z.string(),
  rank: z.int(),
  score: z.number(),
  role: z.enum(["target", "serendipity"]),
  explored: z
    .literal(true)
    .optional()
    .describe("Chance put it here, to learn from; at most one place in ten"),
  contributions: z.record(z.string(), z.number()),
  reasons: z.array(reason),
  rules: z
    .array(
      z.object({
        rule_id: z.int(),
        name: z.string(),
        kind: z.enum(["pin", "boost", "bury"]),
        from_rank: z
          .int()
          .nullable()
          .describe("Its rank without these rules; null = it would not be in the list"),
      }),
    )
    .optional()
    .describe("Rules that moved the item"),
  content: z.unknown().optional(),
});
/** What may be missing behind a list that is answered anyway. */
export const DEGRADATIONS = [
  "model_store",
  "model_missing",
  "feature_store",
  "content_store",
  "item_stats",
  "experiments",
  "live_model",
  "ranking_rules",
  "learning",
  "no_content",
] as const;
export type Degradation = (typeof DEGRADATIONS)[number];

export const recommendResponse = z
  .object({
    request_id: z.string(),
    user_id: z.string(),
    strategy: z.enum(["warm", "cold"]),
    model_revision: z.int().nullable(),
    model_age_ms: z.number().nullable(),
    items: z.array(recommendedItem),
    experiments: z
      .array(z.object({ experiment_id: z.string(), variation_index: z.int() }))
      .describe("Which variation the list was ranked by; reporting the exposure is the client's"),
    diagnostics: z.object({
      pool_size: z.int(),
      sources: z.partialRecord(z.enum(CANDIDATE_SOURCES), z.int()),
      space: z
        .string()
        .optional()
        .describe("Embedding space of the vectors; `content` = those that came with the items"),
      ranking: z.enum(["static", "bandit", "ltr"]),
      collaborative_model: z
        .object({ model_id: z.int(), version: z.int(), kind: z.string().nullable() })
        .nullable()
        .optional()
        .describe("The trained model behind the source and the scorer of that name"),
      rules: z
        .array(
          z.object({
            rule_id: z.int(),
            name: z.string(),
            kind: z.enum(RULE_KINDS),
            candidates: z.int(),
          }),
        )
        .optional()
        .describe("Rules that held, and how many candidates each met"),
      serendipity: z
        .enum(SERENDIPITY_OUTCOMES)
        .optional()
        .describe("placed, or why there is no surprise"),
      replay: z
        .object({
          as_of: z.string(),
          events: z.int().describe("Events the model was folded from"),
          complete: z
            .boolean()
            .describe("false: events of that time may no longer be kept, the model knows less"),
        })
        .optional()
        .describe(
          "Only of a request with as_of: catalogue, trends and models are of now; of today's rules those that held then apply",
        ),
      degraded: z.array(z.enum(DEGRADATIONS)),
    }),
  })
  .meta({ id: "RecommendResponse" });
export type RecommendResponse = z.output<typeof recommendResponse>;

export const previewRequest = z.strictObject({
  tag_affinity: z.record(z.string(), z.number().min(0).max(1)).default({}),
  like_items: z.array(z.string().min(1).max(MAX_ID_LENGTH)).max(100).default([]),
  demographics: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  limit: z.int().min(1).max(100).default(10),
});
export type PreviewRequest = z.output<typeof previewRequest>;
