import { inferenceEnv } from "@signalpath/inference-gateway/env";
import { learningEnv } from "@signalpath/recommender/env";
import {
  ConfigError,
  corsOriginsEnv,
  flag,
  portEnv,
  readEnv,
  sharedEnv,
  type Env,
} from "@signalpath/service-kit";
import { embeddingsEnv } from "@signalpath/trainer/env";
import { z } from "zod";

const shape = {
  PORT: portEnv(4_000),
  HOST: sharedEnv.HOST,
  NODE_ENV: sharedEnv.NODE_ENV,
  SECRET_KEY: sharedEnv.SECRET_KEY,
  SECRET_KEY_PREVIOUS: sharedEnv.SECRET_KEY_PREVIOUS,
  GIT_SHA: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: sharedEnv.OTEL_EXPORTER_OTLP_ENDPOINT,
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("warn"),
  SIGNALPATH_DATA_DIR: z.string().default(".signalpath"),
  CORS_ORIGINS: corsOriginsEnv,
  SIGNALPATH_DEMO: flag.default(true),
  RANK_TIME_OF_DAY: flag.default(false),
  RANK_DISMISS_DAMPING: flag.default(false),
  ...learningEnv,
  ...inferenceEnv,
  ...embeddingsEnv,
  SIGNALPATH_ALLOW_EMBEDDED: flag.default(false),
};
export type StandaloneConfig = z.output<z.ZodObject<typeof shape>>;

/** Servers of the other deployment; here everything is embedded, whatever they say. */
const UNUSED = ["NATS_URL", "REDIS_URL", "DATABASE_URL", "QDRANT_URL"];

/**
 * @throws ConfigError for a wrong variable, and in production unless
 * SIGNALPATH_ALLOW_EMBEDDED=on says that one process on embedded stores is meant.
 */
export function readConfig(env: Env): StandaloneConfig {
  const config = readEnv(shape, env);
  if (config.NODE_ENV === "production" && !config.SIGNALPATH_ALLOW_EMBEDDED) {
    throw new ConfigError([
      "NODE_ENV=production: one process on embedded stores survives kill -9 but no power cut; " +
        "set SIGNALPATH_ALLOW_EMBEDDED=on if that is meant",
    ]);
  }
  return config;
}

/** Variables that are set and mean nothing here; each deserves a line. */
export function ignoredVariables(env: Env): string[] {
  return UNUSED.filter((name) => (env[name] ?? "") !== "");
}
