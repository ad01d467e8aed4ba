import type { KeyRing } from "@signalpath/model-loader";
import type {
  Archive,
  Bus,
  Catalogue,
  EventBuffer,
  FeatureStore,
  Keys,
  Learning,
  ModelFileReader,
  ModelFileWriter,
  Probe,
  Projects,
  RankingRules,
  TrainingStores,
  UserModelStore,
} from "@signalpath/ports";
import type { Authenticator, Kit } from "@signalpath/service-kit";

import type { LiveLimits } from "./live/clients.ts";

/** What management-api stands on. Nothing here is closed by it. */
export interface ManagementApiDeps extends TrainingStores {
  kit: Kit;
  version: string;
  /** Phase of the process, asked by `/readyz`. */
  state: () => "starting" | "running" | "draining";
  authenticator: Authenticator;
  /** New keys are stored as HMAC of this. */
  pepper: Uint8Array;
  keys: Keys;
  projects: Projects;
  catalogue: Catalogue;
  rankingRules: RankingRules;
  archive: Pick<
    Archive,
    "erase" | "recordErasure" | "erasureOf" | "resolve" | "eventsOf" | "check"
  >;
  buffer: Pick<EventBuffer, "read" | "erase" | "check">;
  models: Pick<UserModelStore, "get" | "erase" | "check">;
  /** Counted in receipts of erasures; absent = there are none. */
  features?: Pick<FeatureStore, "get"> | undefined;
  bus: Pick<Bus, "publish" | "hear" | "tell" | "check">;
  /** Verifies artefacts that are handed in, and signs those that get another id. */
  ring: KeyRing;
  modelWriter: ModelFileWriter;
  /** Reads learned rankers, to estimate what they would earn. */
  modelFiles: ModelFileReader;
  learning: Pick<Learning, "learner" | "kept" | "setPolicy">;
  /** How much of the live stream this process takes on; absent = the usual. */
  live?: Partial<LiveLimits>;
  /** Further dependencies that `/readyz` names. */
  probes?: readonly Probe[];
}
