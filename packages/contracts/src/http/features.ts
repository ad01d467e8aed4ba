import { z } from "zod";

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
