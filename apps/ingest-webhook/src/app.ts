import type { Subscription } from "@signalpath/ports";
import {
  allowOrigins,
  createHttpApp,
  createPresence,
  createTracing,
  type App,
} from "@signalpath/service-kit";

import { APP, DEFAULT_LIMITS, type IngestWebhookDeps, type Work } from "./deps.ts";
import { ENDPOINTS, PATHS } from "./endpoints.ts";
import { createEventMaps } from "./event-maps.ts";
import { createIngestMetrics } from "./ingest-metrics.ts";
import { bindRoutes } from "./routes.ts";
import { hearRevocations } from "./subscriptions.ts";
import { createVerdictTeller } from "./tell-verdicts.ts";

export { APP, DEFAULT_LIMITS, type IngestLimits, type IngestWebhookDeps } from "./deps.ts";
export { ENDPOINTS } from "./endpoints.ts";

/** The webhook: events in, verdicts out, normalised events on the bus. */
export function createIngestWebhook(deps: IngestWebhookDeps): App {
  const { bus, archive, deadLetters, projects, authenticator } = deps;
  const kit = { ...deps.kit, logger: deps.kit.logger.child({ app: APP }) };
  const probes = [
    { name: "bus", check: () => bus.check() },
    { name: "archive", check: () => archive.check() },
    ...(deps.probes ?? []),
  ];
  const http = createHttpApp({
    service: APP,
    version: deps.version,
    kit,
    probes,
    endpoints: ENDPOINTS,
    state: deps.state,
  });
  const live = createVerdictTeller({ bus, kit });
  const presence = createPresence({ ...deps, service: APP, kit, probes });
  const work: Work = {
    kit,
    bus,
    archive,
    deadLetters,
    eventMaps: createEventMaps({ projects, now: kit.now, logger: kit.logger }),
    metrics: createIngestMetrics(kit.metrics),
    live,
    tracing: kit.tracing ?? createTracing(),
    limits: { ...DEFAULT_LIMITS, ...deps.limits },
  };
  allowOrigins(http, deps.corsOrigins ?? [], [PATHS.ingestAndBelow]);
  bindRoutes(http, work, { authenticator, projects });
  let revocations: Subscription | undefined;
  return {
    name: APP,
    fetch: (request, env) => http.fetch(request, env),
    endpoints: ENDPOINTS,
    probes,
    async start() {
      revocations = await hearRevocations(bus, authenticator, kit);
      live.start();
      presence.start();
    },
    async close() {
      live.close();
      await presence.close();
      await revocations?.close();
    },
  };
}
