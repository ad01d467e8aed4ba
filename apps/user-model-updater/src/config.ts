import {
  flag,
  portEnv,
  readEnv,
  refuseInProduction,
  sharedEnv,
  type Env,
} from "@signalpath/service-kit";
import { z } from "zod";

const shape = {
  ...sharedEnv,
  PORT: portEnv(4002),
  SIGNALPATH_DATA_DIR: z.string().min(1).optional(),
  UPDATER_MAX_BATCH: z.coerce.number().int().min(1).max(2_000).default(500),
  UPDATER_CONCURRENCY: z.coerce.number().int().min(1).max(16).default(2),
  NEIGHBOURS_INTERVAL_S: z.coerce.number().positive().max(86_400).default(60),
  NEIGHBOURS: flag.default(true),
};

export type Config = ReturnType<typeof readConfig>;

/** @throws ConfigError. */
export function readConfig(env: Env) {
  const config = readEnv(shape, env);
  refuseInProduction(config, ["NATS_URL", "REDIS_URL", "DATABASE_URL"]);
  return config;
}
