import type { Checker, KeyRing } from "@signalpath/model-loader";
import type {
  Bus,
  DeploymentSlots,
  ModelCatalogue,
  ModelFileReader,
  Probe,
  RateLimiter,
} from "@signalpath/ports";
import type { Authenticator, Kit, RateLimit } from "@signalpath/service-kit";

/** What the gateway stands on: tables and files are only read. Nothing here is closed by it. */
export interface GatewayDeps {
  kit: Kit;
  version: string;
  /** Phase of the process, asked by `/readyz`. */
  state: () => "starting" | "running" | "draining";
  authenticator: Authenticator;
  modelCatalogue: Pick<ModelCatalogue, "served" | "check">;
  deploymentSlots: Pick<DeploymentSlots, "routing">;
  modelFiles: ModelFileReader;
  /** Keys that artefacts may be signed with. */
  ring: KeyRing;
  /** Runs the checks of artefacts; absent = on a thread of the gateway's own. */
  checker?: Checker;
  /** Keeps the budgets of API keys. */
  limiter: RateLimiter;
  bus: Pick<Bus, "hear" | "tell" | "onReconnect" | "check">;
  /** In [0, 1): draws for projects whose slots are random. */
  random: () => number;
  /** Further dependencies that `/readyz` names. */
  probes?: readonly Probe[];
  settings?: Partial<GatewaySettings>;
}

export interface GatewaySettings {
  /** Predictions an API key may ask for; each user of a batch is one. */
  rateLimit: RateLimit;
  /** Models in memory at most. */
  maxModels: number;
  /** Bytes of all models in memory at most. */
  maxBytes: number;
  /** Models loaded at start. */
  preload: readonly number[];
  /** A load slower than this fails the request that waits for it, milliseconds. */
  loadDeadlineMs: number;
  /** Tables are read again this often, whatever was heard, milliseconds. */
  rereadMs: number;
  /** A reading that failed, and a version that could not be loaded, are tried again after this, milliseconds. */
  retryMs: number;
}

export const DEFAULT_SETTINGS: GatewaySettings = {
  rateLimit: { count: 100, windowMs: 60_000 },
  maxModels: 10,
  maxBytes: 2 * 2 ** 30,
  preload: [],
  loadDeadlineMs: 10_000,
  rereadMs: 60_000,
  retryMs: 5_000,
};
