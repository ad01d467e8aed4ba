import { portEnv, readEnv, refuseInProduction, sharedEnv, type Env } from "@signalpath/service-kit";
import { z } from "zod";

export const VERSION = "0.1.0";

/** Environment of management-api; the table in README.md names every variable. */
export const shape = {
  ...sharedEnv,
  PORT: portEnv(4007),
  SIGNALPATH_DATA_DIR: z.string().optional(),
  MEDIA_ROOT: z.string().min(1).optional(),
  MODEL_SIGNING_KEYS: z.string().optional(),
};

export type ManagementApiConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError naming what is wrong, or what production refuses. */
export function readConfig(env: Env) {
  const config = readEnv(shape, env);
  refuseInProduction(config, ["NATS_URL", "REDIS_URL", "DATABASE_URL"]);
  return config;
}

/** Where artefacts lie: MEDIA_ROOT, else `media` in the data dir, else `/data`. */
export function mediaRootOf({
  MEDIA_ROOT,
  SIGNALPATH_DATA_DIR: dataDir,
}: Pick<ManagementApiConfig, "MEDIA_ROOT" | "SIGNALPATH_DATA_DIR">): string {
  return MEDIA_ROOT ?? (dataDir === undefined ? "/data" : `${dataDir}/media`);
}
