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

import { DEFAULT_SETTINGS, type RecommenderSettings } from "./deps.ts";

export const VERSION = "0.1.0";

/** What one process with other apps reads too. */
export const learningEnv = {
  LEARNING_LOG_SHARE: z.coerce.number().min(0).max(1).default(DEFAULT_SETTINGS.learningLogShare),
  RECOMMEND_RATE_LIMIT: z
    .string()
    .refine((text) => parseRateLimit(text) !== undefined, "not of the form 100/minute")
    .transform((text) => parseRateLimit(text) as RateLimit)
    .optional(),
};

/** Environment of the recommender; the table in README.md names every variable. */
export const shape = {
  ...sharedEnv,
  PORT: portEnv(4003),
  SIGNALPATH_DATA_DIR: z.string().optional(),
  CORS_ORIGINS: corsOriginsEnv,
  QDRANT_URL: z.url({ protocol: /^https?$/ }).optional(),
  QDRANT_API_KEY: z.string().optional(),
  MEDIA_ROOT: z.string().optional(),
  MODEL_SIGNING_KEYS: z.string().optional(),
  RECOMMEND_MAX_LIVE_MODELS: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(DEFAULT_SETTINGS.liveModels.maxModels),
  RECOMMEND_MAX_MODEL_MB: z.coerce.number().int().min(1).max(1_000_000).default(2_048),
  RANK_TIME_OF_DAY: flag.default(false),
  RANK_DISMISS_DAMPING: flag.default(false),
  ...learningEnv,
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
    learningLogShare: config.LEARNING_LOG_SHARE,
    liveModels: {
      maxModels: config.RECOMMEND_MAX_LIVE_MODELS,
      maxBytes: config.RECOMMEND_MAX_MODEL_MB * 2 ** 20,
    },
  };
}

/** Where artefacts lie: MEDIA_ROOT, else `media` in the data dir, else `/data`. */
export function mediaRootOf(config: RecommenderConfig): string {
  const { MEDIA_ROOT, SIGNALPATH_DATA_DIR: dataDir } = config;
  return MEDIA_ROOT ?? (dataDir === undefined ? "/data" : `${dataDir}/media`);
}
