import { availableParallelism } from "node:os";

import {
  gitShaOf,
  portEnv,
  readEnv,
  refuseInProduction,
  sharedEnv,
  type Env,
} from "@signalpath/service-kit";
import { z } from "zod";

export const VERSION = "0.1.0";

const { NATS_URL, NATS_NKEY_SEED, DATABASE_URL, SECRET_KEY, LOG_LEVEL, NODE_ENV, HOST } = sharedEnv;
const { OTEL_EXPORTER_OTLP_ENDPOINT, SECRET_KEY_PREVIOUS } = sharedEnv;

/** A provider of vectors outside, also where the trainer runs beside other apps. */
export const embeddingsEnv = {
  EMBEDDINGS_URL: z.url({ protocol: /^https?$/ }).optional(),
  EMBEDDINGS_KEY: z.string().min(1).optional(),
  EMBEDDINGS_MODEL: z.string().min(1).optional(),
  EMBEDDINGS_DIMENSIONS: z.coerce.number().int().min(2).max(4_096).optional(),
};

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
  PORT: portEnv(4_005),
  SIGNALPATH_DATA_DIR: z.string().min(1).optional(),
  MEDIA_ROOT: z.string().min(1).optional(),
  MODEL_SIGNING_KEYS: z.string().optional(),
  ...embeddingsEnv,
  TRAINER_THREADS: z.coerce.number().int().min(1).max(64).optional(),
  TRAINER_MEMORY_MB: z.coerce.number().int().min(64).max(1_000_000).default(2_048),
  TRAINER_MAX_ROWS: z.coerce.number().int().min(1).max(50_000_000).default(5_000_000),
  TRAINER_POLL_S: z.coerce.number().min(0.1).max(3_600).default(5),
  TRAINER_LEASE_S: z.coerce.number().min(1).max(3_600).default(30),
};

export type Config = ReturnType<typeof readConfig>;

/** The environment, and in `trainer` what it says about the work. @throws ConfigError. */
export function readConfig(env: Env) {
  const config = readEnv(ENV_SHAPE, env);
  refuseInProduction(config, ["NATS_URL", "DATABASE_URL"]);
  const gitSha = gitShaOf(env);
  const { MEDIA_ROOT, SIGNALPATH_DATA_DIR: dataDir } = config;
  return {
    ...config,
    mediaRoot: MEDIA_ROOT ?? (dataDir === undefined ? "/data" : `${dataDir}/media`),
    ...(gitSha === "unknown" ? {} : { gitVersion: gitSha }),
    trainer: {
      // One is left for whatever else runs here.
      threads: config.TRAINER_THREADS ?? Math.max(1, availableParallelism() - 1),
      memoryLimitBytes: config.TRAINER_MEMORY_MB * 2 ** 20,
      maxRows: config.TRAINER_MAX_ROWS,
      pollMs: config.TRAINER_POLL_S * 1_000,
      leaseMs: config.TRAINER_LEASE_S * 1_000,
      heartbeatMs: Math.min(1_000, (config.TRAINER_LEASE_S * 1_000) / 4),
    },
  };
}
