import type {
  Archive,
  ArchiveReader,
  Bus,
  Catalogue,
  ContentStore,
  DeploymentSlots,
  EventSource,
  Experiments,
  FeatureStore,
  ItemStats,
  Learning,
  ModelCatalogue,
  ModelFileReader,
  Probe,
  Projects,
  RankingRules,
  RateLimiter,
  UserModelStore,
} from "@signalpath/ports";
import type { KeyRing } from "@signalpath/model-loader";
import type { FeatureRegistry } from "@signalpath/feature-registry";
import type {
  Authenticator,
  ContentFeed,
  ItemSpaces,
  Kit,
  RateLimit,
} from "@signalpath/service-kit";

import type { LiveModelSettings } from "./live-models/live-models.ts";

/** What the recommender stands on. Nothing here is closed by it. */
export interface RecommenderDeps {
  kit: Kit;
  version: string;
  /** Phase of the process, asked by `/readyz`. */
  state: () => "starting" | "running" | "draining";
  authenticator: Authenticator;
  models: UserModelStore;
  /** Profile features. */
  features: FeatureStore;
  /** Their definitions; absent = those of the feature registry. */
  featureRegistry?: FeatureRegistry;
  /** Read side of the event buffer: what a person has viewed. */
  events: EventSource;
  /** Longer history than the buffer's; without it the buffer answers. */
  archive?: Pick<Archive, "resolve" | "eventsOf">;
  /** Names people, to sample them; absent = statistics of features are of nobody. */
  reader?: Pick<ArchiveReader, "owners">;
  content: ContentStore;
  catalogue: Pick<Catalogue, "changes" | "version">;
  projects: Pick<Projects, "get" | "list">;
  itemStats: Pick<ItemStats, "itemHours" | "neighbours">;
  /** Running ones may change a ranking, and a promoted one is what everybody else gets. */
  experiments: Pick<Experiments, "list" | "rankings">;
  /** What was learned from feedback, and which ranking serves. */
  learning: Pick<Learning, "learners">;
  /** Learned rankers as signed models; absent = mode ltr ranks by the weights and says so. */
  modelCatalogue?: Pick<ModelCatalogue, "served">;
  modelFiles?: ModelFileReader;
  ring?: KeyRing;
  /** Rules of rankings; absent = none. */
  rankingRules?: Pick<RankingRules, "list">;
  /** Names the trained model of lists; without it, or without model files, there is none. */
  deploymentSlots?: Pick<DeploymentSlots, "routing">;
  /** Keeps the budget of `settings.rateLimit`; default: this process alone. */
  limiter?: RateLimiter;
  bus: Pick<Bus, "publish" | "hear" | "tell" | "onReconnect">;
  /** Embedding spaces that serve; somebody else starts and closes them. */
  spaces?: ItemSpaces | undefined;
  /** A feed of `content` that somebody else starts and closes; absent = its own. */
  feed?: ContentFeed;
  /** Further dependencies that `/readyz` names. */
  probes?: readonly Probe[];
  settings?: Partial<RecommenderSettings>;
  /** Origins whose web pages may ask for lists; default none. */
  corsOrigins?: readonly string[];
}

/** Which profile features a ranking uses. */
export interface ProfileSettings {
  /** `preferred_hour` tells the scorer `time` how good the moment is, instead of the model. */
  timeOfDay: boolean;
  /** `dismiss_rate_30d` damps what is unlike anything the person likes. */
  dismissDamping: boolean;
}

export interface RecommenderSettings {
  profile: ProfileSettings;
  /** A model store slower than this counts as down, milliseconds. */
  modelDeadlineMs: number;
  /** Recommendations an API key may ask for; undefined = no limit. */
  rateLimit: RateLimit | undefined;
  liveModels: LiveModelSettings;
  /** Share of learned lists that explore and are told for learning, [0, 1]. */
  learningLogShare: number;
}

export const DEFAULT_SETTINGS: RecommenderSettings = {
  profile: { timeOfDay: false, dismissDamping: false },
  modelDeadlineMs: 150,
  rateLimit: undefined,
  liveModels: { maxModels: 10, maxBytes: 2 * 2 ** 30 },
  learningLogShare: 1,
};
