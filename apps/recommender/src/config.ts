import {
  corsOriginsEnv,
  flag,
  parseRateLimit,
  portEnv,
  readEnv,
  refuseInProduction,
  sharedEnv,
  type Env,
  type RateLimit,
} from "@signalpath/service-kit";
import { z } from "zod";

import type { RecommenderSettings } from "./deps.ts";

export const VERSION = "0.1.0";

/** Environment of the recommender; the table in README.md names every variable. */
export const shape = {
  ...sharedEnv,
  PORT: portEnv(4003),
  SIGNALPATH_DATA_DIR: z.string().optional(),
  CORS_ORIGINS: corsOriginsEnv,
  QDRANT_URL: z.url({ protocol: /^https?$/ }).optional(),
  QDRANT_API_KEY: z.string().optional(),
  RECOMMEND_RATE_LIMIT: z
    .string()
    .refine((text) => parseRateLimit(text) !== undefined, "not of the form 100/minute")
    .transform((text) => parseRateLimit(text) as RateLimit)
    .optional(),
  RANK_TIME_OF_DAY: flag.default(false),
  RANK_DISMISS_DAMPING: flag.default(false),
  RECOMMEND_MODEL_DEADLINE_MS: z.coerce.number().int().min(1).max(10_000).default(150),
};

export type RecommenderConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError naming what is wrong, or what production refuses. */
export function readConfig(env: Env) {
  // Under Recotem's name where ours is not set.
  const url = env["QDRANT_URL"] || env["QDRANT_API_URL"];
  const config = readEnv(shape, { ...env, QDRANT_URL: url });
  refuseInProduction(config, ["NATS_URL", "REDIS_URL", "DATABASE_URL"]);
  return config;
}

export function settingsOf(config: RecommenderConfig): RecommenderSettings {
  return {
    profile: { timeOfDay: config.RANK_TIME_OF_DAY, dismissDamping: config.RANK_DISMISS_DAMPING },
    modelDeadlineMs: config.RECOMMEND_MODEL_DEADLINE_MS,
    rateLimit: config.RECOMMEND_RATE_LIMIT,
  };
}
