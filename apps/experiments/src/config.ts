import { portEnv, readEnv, refuseInProduction, sharedEnv, type Env } from "@signalpath/service-kit";
import { z } from "zod";

export const VERSION = "0.1.0";

/** Environment of experiments; the table in README.md names every variable. */
export const shape = {
  ...sharedEnv,
  PORT: portEnv(4004),
  SIGNALPATH_DATA_DIR: z.string().optional(),
};

export type ExperimentsConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError naming what is wrong, or what production refuses. */
export function readConfig(env: Env) {
  const config = readEnv(shape, env);
  refuseInProduction(config, ["NATS_URL", "DATABASE_URL"]);
  return config;
}
