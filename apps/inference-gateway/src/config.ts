import {
  ConfigError,
  parseRateLimit,
  portEnv,
  readEnv,
  refuseInProduction,
  sharedEnv,
  type Env,
  type RateLimit,
} from "@signalpath/service-kit";
import { z } from "zod";

import { DEFAULT_SETTINGS, type GatewaySettings } from "./deps.ts";

export const VERSION = "0.1.0";
const PORT = 8081;

/** `1, 2,3`: ids in the order they are loaded. */
const idList = z.string().transform((text, context) => {
  const parts = text.split(",").map((part) => part.trim());
  const ids = parts.filter((part) => part !== "");
  if (ids.every((part) => /^[1-9]\d{0,8}$/.test(part))) return ids.map(Number);
  context.addIssue("not a list of model ids, as 1,2,3");
  return z.NEVER;
});

/** Settings of the gateway itself, whatever process it runs in. */
export const inferenceEnv = {
  MEDIA_ROOT: z.string().optional(),
  MODEL_SIGNING_KEYS: z.string().optional(),
  INFERENCE_MAX_LOADED_MODELS: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(DEFAULT_SETTINGS.maxModels),
  INFERENCE_MAX_MODEL_MB: z.coerce.number().int().min(1).max(1_000_000).default(2_048),
  INFERENCE_RATE_LIMIT: z
    .string()
    .default("100/minute")
    .refine((text) => parseRateLimit(text) !== undefined, "not of the form 100/minute")
    .transform((text) => parseRateLimit(text) as RateLimit),
  INFERENCE_PRELOAD_MODEL_IDS: idList.default([]),
};

/** Environment of the gateway; the table in README.md names every variable. */
export const shape = {
  ...sharedEnv,
  ...inferenceEnv,
  PORT: portEnv(PORT).unwrap().optional(),
  INFERENCE_PORT: portEnv(PORT).unwrap().optional(),
  SIGNALPATH_DATA_DIR: z.string().optional(),
  PICKLE_ALLOW_LEGACY_UNSIGNED: z.string().optional(),
};

export type GatewayConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError naming what is wrong, or what production refuses. */
export function readConfig(env: Env) {
  const config = readEnv(shape, env);
  const { PICKLE_ALLOW_LEGACY_UNSIGNED: unsigned = "", NODE_ENV } = config;
  if (NODE_ENV === "production" && /^(?:true|1|yes|on)$/i.test(unsigned.trim())) {
    throw new ConfigError([
      "PICKLE_ALLOW_LEGACY_UNSIGNED: unsigned models are never served; take it out",
    ]);
  }
  refuseInProduction(config, ["NATS_URL", "REDIS_URL", "DATABASE_URL"]);
  return { ...config, PORT: config.INFERENCE_PORT ?? config.PORT ?? PORT };
}

/** What replaces settings that moved; a line for each that is set. */
const RENAMED: Record<string, string> = {
  MODEL_EVENTS_REDIS_URL: "not used: model events travel on NATS, set NATS_URL",
  RECOTEM_STORAGE_TYPE: "not used: artefacts are files below MEDIA_ROOT",
  PICKLE_ALLOW_LEGACY_UNSIGNED:
    "not used: pickles are never loaded, convert them to signed .spm files with python/",
  QDRANT_API_URL: "not used here: the recommender searches Qdrant and reads it as QDRANT_URL",
};

export function renamedSettings(env: Env): string[] {
  return Object.entries(RENAMED)
    .filter(([name]) => (env[name] ?? "") !== "")
    .map(([name, text]) => `${name}: ${text}`);
}

type InferenceConfig = z.output<z.ZodObject<typeof inferenceEnv>>;

export function settingsOf(config: InferenceConfig): Partial<GatewaySettings> {
  return {
    rateLimit: config.INFERENCE_RATE_LIMIT,
    maxModels: config.INFERENCE_MAX_LOADED_MODELS,
    maxBytes: config.INFERENCE_MAX_MODEL_MB * 2 ** 20,
    preload: config.INFERENCE_PRELOAD_MODEL_IDS,
  };
}

/** Where artefacts lie: MEDIA_ROOT, else `media` in the data dir, else `/data`. */
export function mediaRootOf(config: {
  MEDIA_ROOT?: string | undefined;
  SIGNALPATH_DATA_DIR?: string | undefined;
}): string {
  const { MEDIA_ROOT, SIGNALPATH_DATA_DIR: dataDir } = config;
  return MEDIA_ROOT ?? (dataDir === undefined ? "/data" : `${dataDir}/media`);
}
