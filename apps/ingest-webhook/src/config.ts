import {
  corsOriginsEnv,
  portEnv,
  readEnv,
  refuseInProduction,
  sharedEnv,
  type Env,
} from "@signalpath/service-kit";
import { z } from "zod";

import { DEFAULT_LIMITS, type IngestLimits } from "./deps.ts";

const { NATS_URL, NATS_NKEY_SEED, DATABASE_URL, SECRET_KEY, LOG_LEVEL, NODE_ENV, HOST } = sharedEnv;
const { OTEL_EXPORTER_OTLP_ENDPOINT, SECRET_KEY_PREVIOUS } = sharedEnv;
const count = (fallback: number) => z.coerce.number().int().min(1).max(100_000).default(fallback);

export const VERSION = "0.1.0";

/** The environment of this app; README.md lists the same variables. */
export const ENV_SHAPE = {
  NATS_URL,
  NATS_NKEY_SEED,
  DATABASE_URL,
  SECRET_KEY,
  SECRET_KEY_PREVIOUS,
  LOG_LEVEL,
  NODE_ENV,
  HOST,
  OTEL_EXPORTER_OTLP_ENDPOINT,
  PORT: portEnv(4_001),
  SIGNALPATH_DATA_DIR: z.string().min(1).optional(),
  CORS_ORIGINS: corsOriginsEnv,
  INGEST_MAX_IN_FLIGHT: count(DEFAULT_LIMITS.maxInFlight),
  INGEST_MAX_LARGE_IN_FLIGHT: count(DEFAULT_LIMITS.maxLargeInFlight),
  INGEST_MAX_WAITING: count(DEFAULT_LIMITS.maxWaiting),
};

export type Config = z.output<z.ZodObject<typeof ENV_SHAPE>>;

/** @throws ConfigError naming every variable that is wrong or that production misses. */
export function readConfig(env: Env): Config {
  const config = readEnv(ENV_SHAPE, env);
  refuseInProduction(config, ["NATS_URL", "DATABASE_URL"]);
  return config;
}

export function limitsOf(config: Config): Partial<IngestLimits> {
  return {
    maxInFlight: config.INGEST_MAX_IN_FLIGHT,
    maxLargeInFlight: config.INGEST_MAX_LARGE_IN_FLIGHT,
    maxWaiting: config.INGEST_MAX_WAITING,
  };
}
