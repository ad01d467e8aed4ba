import type { Backends } from "@signalpath/backends";
import { createExperiments } from "@signalpath/experiments/app";
import {
  createInferenceGateway,
  type GatewayDeps,
  type GatewaySettings,
} from "@signalpath/inference-gateway/app";
import type { Owner } from "@signalpath/contracts";
import type { ContentStore } from "@signalpath/ports";
import { createIngestWebhook } from "@signalpath/ingest-webhook/app";
import { createManagementApi, type ManagementApiDeps } from "@signalpath/management-api/app";
import { createRecommender, type RecommenderSettings } from "@signalpath/recommender/app";
import {
  sha256,
  type App,
  type Authenticator,
  type ContentFeed,
  type Kit,
} from "@signalpath/service-kit";
import { createTrainer, type TrainerDeps } from "@signalpath/trainer/app";
import { createUserModelUpdater } from "@signalpath/user-model-updater/app";

/** The trainer answers no path of its own. */
export type AppName = Owner | "trainer";

export interface AppsDeps {
  backends: Backends;
  content: ContentStore;
  kit: Kit;
  version: string;
  state: () => "starting" | "running" | "draining";
  authenticator: Authenticator;
  pepper: Uint8Array;
  /** What rankings use of profile features, and how much of learned lists is kept. */
  recommender?: Partial<RecommenderSettings>;
  /** Artefacts, and the keys they are signed with. */
  modelFiles: GatewayDeps["modelFiles"];
  ring: GatewayDeps["ring"];
  modelWriter: ManagementApiDeps["modelWriter"];
  inference?: Partial<GatewaySettings>;
  /** Origins whose web pages may send events and ask for lists. */
  corsOrigins?: readonly string[];
  /** What trains, writes and signs. */
  training: Pick<
    TrainerDeps,
    "embeddingProvider" | "modelFiles" | "signing" | "gitVersion" | "options"
  >;
  /** Keeps the content index; started and closed by the caller. */
  feed: ContentFeed;
}

/** Every app, each created as it is when it runs alone, over the same embedded ports. */
export function createApps(deps: AppsDeps): Record<AppName, App> {
  const { backends, recommender, inference, training, ...shared } = deps;
  return {
    "ingest-webhook": createIngestWebhook({ ...shared, ...backends }),
    "user-model-updater": createUserModelUpdater({
      ...shared,
      ...backends,
      sha256,
    }),
    recommender: createRecommender({
      ...shared,
      ...backends,
      events: backends.buffer,
      ...(recommender === undefined ? {} : { settings: recommender }),
    }),
    "management-api": createManagementApi({ ...shared, ...backends }),
    experiments: createExperiments({ ...shared, ...backends }),
    "inference-gateway": createInferenceGateway({
      ...shared,
      ...backends,
      random: Math.random,
      ...(inference === undefined ? {} : { settings: inference }),
    }),
    trainer: createTrainer({ ...shared, ...backends, ...training }),
  };
}

/** The updater first: what others publish finds its consumers. */
export const START_ORDER: readonly AppName[] = [
  "user-model-updater",
  "experiments",
  "recommender",
  "inference-gateway",
  "trainer",
  "management-api",
  "ingest-webhook",
];
