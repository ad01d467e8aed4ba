import {
  flag,
  portEnv,
  readEnv,
  refuseInProduction,
  sharedEnv,
  type Env,
} from "@signalpath/service-kit";
import { z } from "zod";

export const VERSION = "0.1.0";

const shape = {
  ...sharedEnv,
  PORT: portEnv(4002),
  SIGNALPATH_DATA_DIR: z.string().optional(),
  MEDIA_ROOT: z.string().min(1).optional(),
  MODEL_SIGNING_KEYS: z.string().optional(),
  UPDATER_MAX_BATCH: z.coerce.number().int().min(1).max(2_000).default(500),
  UPDATER_CONCURRENCY: z.coerce.number().int().min(1).max(16).default(2),
  NEIGHBOURS: flag.default(true),
  NEIGHBOURS_INTERVAL_S: z.coerce.number().positive().max(86_400).default(60),
};

export type Config = ReturnType<typeof readConfig>;

/** The environment, and in `updater` what it says about the work. @throws ConfigError. */
export function readConfig(env: Env) {
  const config = readEnv(shape, env);
  refuseInProduction(config, ["NATS_URL", "REDIS_URL", "DATABASE_URL"]);
  const updater = {
    neighbours: config.NEIGHBOURS,
    options: {
      maxBatch: config.UPDATER_MAX_BATCH,
      concurrency: config.UPDATER_CONCURRENCY,
      neighboursIntervalMs: config.NEIGHBOURS_INTERVAL_S * 1_000,
    },
  };
  return { ...config, updater };
}

/** Where artefacts lie: MEDIA_ROOT, else `media` in the data dir, else `/data`. */
export function mediaRootOf(config: Config): string {
  const { MEDIA_ROOT, SIGNALPATH_DATA_DIR: dataDir } = config;
  return MEDIA_ROOT ?? (dataDir === undefined ? "/data" : `${dataDir}/media`);
}
