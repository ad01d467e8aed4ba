import { createFeatureEvaluator } from "@signalpath/feature-registry";
import { createMemoryRateLimiter, type Subscription } from "@signalpath/ports";
import {
  allowOrigins,
  createContentFeed,
  createHttpApp,
  createItemStatsFeed,
  createPresence,
  createRateBudget,
  type App,
  type ContentFeed,
} from "@signalpath/service-kit";

import { createCharge } from "./charge.ts";
import { DEFAULT_SETTINGS, type RecommenderDeps } from "./deps.ts";
import { endpoints } from "./endpoints.ts";
import { createContentFacets } from "./content-facets.ts";
import { createExperimentFeed } from "./experiment-feed.ts";
import { createExplain } from "./explain.ts";
import { createFeatureStats } from "./feature-stats.ts";
import { createFindModel } from "./find-model.ts";
import { createFindProfile } from "./find-profile.ts";
import { createGetContent } from "./get-content.ts";
import { createGetFeatures } from "./get-features.ts";
import { createHistory } from "./history.ts";
import { createListCache } from "./list-cache.ts";
import { createItemActivity } from "./item-activity.ts";
import { createListContent } from "./list-content.ts";
import { createAnnounceDecision } from "./learning/announce-decision.ts";
import { createLearnerFeed } from "./learning/learner-feed.ts";
import { createRankerModels } from "./learning/ranker-models.ts";
import { createRuleFeed } from "./rule-feed.ts";
import { openLiveModels } from "./live-models/live-models.ts";
import { createMakeList } from "./make-list.ts";
import { createModelCache } from "./model-cache.ts";
import { createPoolMemo } from "./pool-memo.ts";
import { createPreview } from "./preview.ts";
import { createReadFeatures } from "./read-features.ts";
import { createRecommend } from "./recommend.ts";
import { createReadModel } from "./read-model.ts";
import { createRefreshRequests } from "./refresh-requests.ts";
import { createReplay, createReplayModel } from "./replay.ts";
import { bindRoutes } from "./routes.ts";
import { createShowRegistry } from "./show-registry.ts";
import { openSubscriptions } from "./subscriptions.ts";
import { createGetUserModel } from "./user-model.ts";

export type { RecommenderDeps, RecommenderSettings } from "./deps.ts";
export { endpoints } from "./endpoints.ts";

export const SERVICE = "recommender";

/** Serves ranked lists from stored user models. Reads only; publishes refresh requests. */
export function createRecommender(deps: RecommenderDeps): App {
  const { kit, bus, content, models, authenticator } = deps;
  const { now } = kit;
  const logger = kit.logger.child({ app: SERVICE });
  const settings = { ...DEFAULT_SETTINGS, ...deps.settings };
  const feed: ContentFeed =
    deps.feed ??
    createContentFeed({
      catalogue: deps.catalogue,
      projects: deps.projects,
      store: content,
      ...(deps.spaces === undefined ? {} : { spaces: deps.spaces }),
      bus,
      now,
      logger,
    });
  const stats = createItemStatsFeed({
    stats: deps.itemStats,
    projects: deps.projects,
    bus,
    now,
    logger,
  });
  const experiments = createExperimentFeed({ experiments: deps.experiments, bus, logger });
  const rankers = createRankerModels(deps);
  const learners = createLearnerFeed({
    learning: deps.learning,
    rankers,
    kit,
    logger,
    logShare: settings.learningLogShare,
  });
  const rules =
    deps.rankingRules && createRuleFeed({ rankingRules: deps.rankingRules, bus, logger });
  const liveModels = openLiveModels({ ...deps, logger, settings: settings.liveModels });
  const cache = createModelCache();
  const lists = createListCache();
  const refreshes = createRefreshRequests(bus, kit);
  const findModel = createFindModel({
    models,
    cache,
    refreshes,
    contentVersion: (projectId) => feed.version(projectId),
    space: (projectId) => feed.space(projectId),
    now,
    logger,
    deadlineMs: settings.modelDeadlineMs,
  });
  const evaluator = createFeatureEvaluator({
    store: deps.features,
    now,
    ...(deps.featureRegistry === undefined ? {} : { registry: deps.featureRegistry }),
  });
  const readFeatures = createReadFeatures({
    evaluator,
    archive: deps.archive,
    models: deps.models,
    refreshes: createRefreshRequests(bus, kit, "refresh-features"),
    metrics: kit.metrics,
  });
  const findProfile = createFindProfile({
    evaluator,
    readFeatures,
    settings: settings.profile,
    deadlineMs: settings.modelDeadlineMs,
    logger,
  });
  const readModel = createReadModel({ models, archive: deps.archive, refreshes });
  const pools = createPoolMemo();
  const makeList = createMakeList(content, pools);
  const replaying = {
    kit,
    makeList,
    content,
    feed,
    stats,
    experiments,
    events: deps.events,
    archive: deps.archive,
    rules,
    liveModels,
  };
  const replayModel = createReplayModel(replaying);
  const probes = [
    { name: "model_store", check: () => models.check() },
    { name: "content", check: () => feed.check() },
    ...(liveModels?.probes ?? []),
    ...(deps.probes ?? []),
  ];
  const all = Object.values(endpoints);
  const app = createHttpApp({
    service: SERVICE,
    version: deps.version,
    kit,
    probes,
    endpoints: all,
    state: deps.state,
    // Thousands a second: the metrics tell enough.
    requestLevel: "debug",
  });
  allowOrigins(app, deps.corsOrigins ?? [], [endpoints.recommend.path]);
  bindRoutes(app, {
    authenticator,
    projects: deps.projects,
    charge: createCharge(settings.rateLimit, (limit) =>
      createRateBudget(
        {
          limiter: deps.limiter ?? createMemoryRateLimiter({ now }),
          metrics: kit.metrics,
          logger,
        },
        { name: "recommend", limit },
      ),
    ),
    verbs: {
      recommend: createRecommend({
        kit,
        findModel,
        findProfile,
        makeList,
        lists,
        content,
        feed,
        stats,
        experiments,
        liveModels,
        rules,
        learners,
        decisions: createAnnounceDecision(bus, kit),
      }),
      replay: createReplay(replaying, replayModel),
      preview: createPreview({ kit, makeList, content, stats, experiments, feed, liveModels }),
      getUserModel: createGetUserModel({ readModel, events: deps.events, replayModel }),
      explain: createExplain({ readModel, content }),
      history: createHistory({ events: deps.events, archive: deps.archive }),
      getFeatures: createGetFeatures({ readFeatures, evaluator, models, now }),
      featureRegistry: createShowRegistry(evaluator.registry),
      featureStats: createFeatureStats({ evaluator, models, reader: deps.reader, now }),
      contentFacets: createContentFacets({ content, version: (id) => feed.version(id) }),
      getContent: createGetContent(content),
      itemActivity: createItemActivity({ content, stats, now }),
      listContent: createListContent(content),
    },
  });
  const presence = createPresence({ ...deps, service: SERVICE, probes });
  const subscriptions: Subscription[] = [];
  return {
    name: SERVICE,
    fetch: (request, env) => app.fetch(request, env),
    endpoints: all,
    probes,
    async start() {
      subscriptions.push(
        ...(await openSubscriptions(bus, {
          authenticator,
          models: cache,
          lists,
          pools,
          logger,
        })),
      );
      if (deps.feed === undefined) await feed.start();
      await stats.start();
      await experiments.start();
      await rules?.start();
      await liveModels?.start();
      await learners.start();
      presence.start();
    },
    async close() {
      await presence.close();
      for (const subscription of subscriptions.splice(0)) await subscription.close();
      await stats.close();
      await experiments.close();
      await rules?.close();
      await liveModels?.close();
      await learners.close();
      await rankers.close();
      if (deps.feed === undefined) await feed.close();
    },
  };
}
