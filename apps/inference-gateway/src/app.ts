import { setTimeout as sleep } from "node:timers/promises";

import { createThreadChecker } from "@signalpath/model-loader";
import type { Subscription } from "@signalpath/ports";
import { createHttpApp, createPresence, createRateBudget, type App } from "@signalpath/service-kit";

import { answerLimited } from "./answer-limited.ts";
import { createCharge } from "./charge.ts";
import { DEFAULT_SETTINGS, type GatewayDeps } from "./deps.ts";
import { endpoints } from "./endpoints.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";
import { createKeepCurrent } from "./keep-current.ts";
import { createLiveRequests } from "./live-requests.ts";
import { createPredictBatch } from "./predict-batch.ts";
import { createPredictProject } from "./predict-project.ts";
import { createPredict } from "./predict.ts";
import { createRelated } from "./related.ts";
import { bindRoutes } from "./routes.ts";
import { createServing } from "./serving.ts";
import { createShadows } from "./shadows.ts";
import { openSubscriptions } from "./subscriptions.ts";
import { createTellModels } from "./tell-models.ts";

export type { GatewayDeps, GatewaySettings } from "./deps.ts";
export { endpoints } from "./endpoints.ts";

export const SERVICE = "inference-gateway";

/** Serves predictions of trained models behind API keys. Reads only, records nothing. */
export function createInferenceGateway(deps: GatewayDeps): App {
  const { kit, bus, authenticator, modelCatalogue, modelFiles } = deps;
  const logger = kit.logger.child({ app: SERVICE });
  const settings = { ...DEFAULT_SETTINGS, ...deps.settings };
  const metrics = createGatewayMetrics(kit.metrics);
  const checker = deps.checker ?? createThreadChecker();
  const serving = createServing({ ...deps, checker, logger, metrics, settings });
  const { preload, rereadMs, retryMs } = settings;
  const current = createKeepCurrent({ serving, preload, rereadMs, retryMs, logger });
  const probes = [
    { name: "model_catalogue", check: () => modelCatalogue.check() },
    { name: "model_files", check: () => modelFiles.check() },
    { name: "bus", check: () => bus.check() },
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
  app.onError((thrown, c) => answerLimited(thrown, c, kit.logger));
  const budget = createRateBudget(
    { limiter: deps.limiter, metrics: kit.metrics, logger },
    { name: "inference", limit: settings.rateLimit },
  );
  const live = createLiveRequests();
  const shadows = createShadows({
    serving,
    live,
    metrics,
    random: deps.random,
    now: () => performance.now(),
    pause: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined),
    logger,
  });
  const tellModels = createTellModels({ held: () => serving.held(), bus, kit });
  const verbDeps = { serving, metrics, newId: kit.newId };
  bindRoutes(app, {
    authenticator,
    charge: createCharge(settings.rateLimit, budget),
    cache: serving.cache,
    shadows,
    verbs: {
      predict: createPredict(verbDeps),
      batch: createPredictBatch(verbDeps),
      project: createPredictProject({ ...verbDeps, random: deps.random, shadows }),
      related: createRelated(verbDeps),
    },
  });
  const presence = createPresence({ ...deps, service: SERVICE, probes });
  const subscriptions: Subscription[] = [];
  return {
    name: SERVICE,
    fetch: (request, env) => live.during(() => app.fetch(request, env)),
    endpoints: all,
    probes,
    async start() {
      subscriptions.push(...(await openSubscriptions(bus, { authenticator, current, logger })));
      await current.start();
      presence.start();
      tellModels.start();
    },
    async close() {
      await presence.close();
      await tellModels.close();
      await shadows.close();
      for (const subscription of subscriptions.splice(0)) await subscription.close();
      await current.close();
      if (deps.checker === undefined) await checker.close();
    },
  };
}
