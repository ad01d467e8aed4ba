import { portEnv, readEnv, sharedEnv, type Env } from "@signalpath/service-kit";
import { z } from "zod";

import type { Upstreams } from "./server/proxy-calls.ts";

export const VERSION = "0.1.0";

const upstream = (port: number) =>
  z
    .url({ protocol: /^https?$/ })
    .default(`http://127.0.0.1:${port}`)
    .transform((text) => text.replace(/\/+$/, ""));

/** Environment of the console; the table in README.md names every variable. */
export const shape = {
  HOST: sharedEnv.HOST,
  PORT: portEnv(4_006),
  LOG_LEVEL: sharedEnv.LOG_LEVEL,
  NODE_ENV: sharedEnv.NODE_ENV,
  OTEL_EXPORTER_OTLP_ENDPOINT: sharedEnv.OTEL_EXPORTER_OTLP_ENDPOINT,
  INGEST_WEBHOOK_URL: upstream(4_001),
  USER_MODEL_UPDATER_URL: upstream(4_002),
  RECOMMENDER_URL: upstream(4_003),
  EXPERIMENTS_URL: upstream(4_004),
  MANAGEMENT_API_URL: upstream(4_007),
  INFERENCE_GATEWAY_URL: upstream(8_081),
};
export type ConsoleConfig = ReturnType<typeof readConfig>;

/** @throws ConfigError naming every variable that is wrong. */
export function readConfig(env: Env) {
  return readEnv(shape, env);
}

/** Where each app answers. */
export function upstreamsOf(config: ConsoleConfig): Upstreams {
  return {
    "ingest-webhook": config.INGEST_WEBHOOK_URL,
    "user-model-updater": config.USER_MODEL_UPDATER_URL,
    recommender: config.RECOMMENDER_URL,
    experiments: config.EXPERIMENTS_URL,
    "management-api": config.MANAGEMENT_API_URL,
    "inference-gateway": config.INFERENCE_GATEWAY_URL,
  };
}
