import { z } from "zod";

import { queryInt } from "./common.ts";

const moment = z.string().nullable().describe("ISO 8601; null = never computed");

export const profileFeature = z
  .object({
    value: z.number().nullable(),
    normalized: z.number().describe("For serving, [0, 1]"),
    computed_at: moment,
    expires_at: moment,
    stale: z.boolean().describe("Past its time to live; a newer one was asked for"),
    source: z
      .enum(["profile_store", "user_model", "fallback"])
      .describe("fallback: it was never computed for this person"),
  })
  .meta({ id: "ProfileFeature" });

export const featuresResponse = z
  .object({ user_id: z.string(), features: z.record(z.string(), profileFeature) })
  .meta({ id: "ProfileFeatures" });
export type FeaturesResponse = z.output<typeof featuresResponse>;

export const featureRegistryResponse = z
  .object({
    features: z.array(
      z.object({
        name: z.string(),
        dtype: z.enum(["numeric"]),
        description: z.string(),
        freshness: z.enum(["batched", "jit"]),
        ttl_sec: z.int().positive(),
        source: z.enum(["profile_store", "user_model"]),
        fallback: z.string().describe("What stands for a value that was never computed"),
        invalidated_by: z
          .array(z.string())
          .describe("Bus subjects whose events make it be computed again"),
      }),
    ),
  })
  .meta({ id: "FeatureRegistry" });
export type FeatureRegistryResponse = z.output<typeof featureRegistryResponse>;

export const featureStatsQuery = z.object({
  sample: queryInt(1, 500, 200).describe("People looked at"),
  seed: queryInt(0, 2 ** 31 - 1, 0).describe(
    "Same seed, same people, as long as nobody comes or goes",
  ),
});

const people = z.int().nonnegative();
const share = z.number().nullable().describe("Of the people sampled, [0, 1]; null = nobody");

/** How healthy the stored values of a sample of people are. */
export const featureStatsResponse = z
  .object({
    at: z.string(),
    people: people.describe("Sampled: neighbours of a seeded place in the order of hashed ids"),
    features: z.array(
      z.object({
        name: z.string(),
        computed: people.describe("Of the sampled, those with a value of their own"),
        fallback_share: share,
        stale_share: share,
        age_ms: z.object({
          p50: z.number().nullable().describe("null = nobody has a value"),
          p90: z.number().nullable(),
        }),
        normalized: z
          .array(people)
          .describe("Computed values in ten equal bins of [0, 1]; 1 is in the last"),
      }),
    ),
  })
  .meta({ id: "FeatureStats" });
export type FeatureStats = z.output<typeof featureStatsResponse>;
