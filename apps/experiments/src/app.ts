import { RETENTION_MS, subjects } from "@signalpath/contracts";
import { readPayload, type Subscription } from "@signalpath/ports";
import {
  createHttpApp,
  createPresence,
  createRepeater,
  createTracing,
  type App,
} from "@signalpath/service-kit";

import { createAnnounce } from "./announce.ts";
import type { Context } from "./context.ts";
import type { ExperimentsDeps } from "./deps.ts";
import { endpoints } from "./endpoints.ts";
import { createKnownExperiments } from "./known-experiments.ts";
import { createMeters } from "./meters.ts";
import { bindRoutes } from "./routes.ts";
import { createSlotOwners } from "./slot-owners.ts";
import { subscribe } from "./subscriptions.ts";
import { createSums } from "./sums.ts";

export type { ExperimentsDeps } from "./deps.ts";
export { endpoints } from "./endpoints.ts";

export const SERVICE = "experiments";
const PRUNE_MS = 3_600_000;
/** Said of lists that no learner made: so long a decision may come late. */
const UNDECIDED_MS = 7 * 86_400_000;

/** Exposures, conversions and impressions in; assignment and honest results out. */
export function createExperiments(deps: ExperimentsDeps): App {
  const { kit, bus, experiments, experimentEvents, abTests, deploymentSlots, authenticator } = deps;
  const { learning } = deps;
  const logger = kit.logger.child({ app: SERVICE });
  const ctx = contextOf(deps);
  const probes = [
    { name: "experiments", check: () => experiments.check() },
    { name: "experiment_events", check: () => experimentEvents.check() },
    { name: "ab_tests", check: () => abTests.check() },
    { name: "learning", check: () => learning.check() },
    { name: "deployment_slots", check: () => deploymentSlots.check() },
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
  });
  bindRoutes(app, { ctx, authenticator, projects: deps.projects });
  const prune = createRepeater({
    task: async () => {
      await experimentEvents.pruneKeys(kit.now() - RETENTION_MS);
      await learning.prune({
        decided: kit.now() - RETENTION_MS,
        undecided: kit.now() - UNDECIDED_MS,
      });
    },
    pauseMs: () => PRUNE_MS,
    what: "forgetting old idempotency keys and lists",
    logger,
  });
  const presence = createPresence({ ...deps, service: SERVICE, probes });
  let opened: Subscription[] = [];
  const leave = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  };
  return {
    name: SERVICE,
    fetch: (request, env) => app.fetch(request, env),
    endpoints: all,
    probes,
    async start() {
      opened = await subscribe(ctx, bus);
      const revocations = await bus.hear(subjects.keyRevoked.name, ({ body }) => {
        const read = readPayload(subjects.keyRevoked, body);
        if (read.ok) authenticator.deny(read.payload.key_id);
        else logger.warn({ code: read.code, detail: read.detail }, "keys.revoked ignored");
      });
      opened.push(revocations);
      presence.start();
      void prune.runNow();
    },
    quiesce: leave,
    async close() {
      await leave();
      await presence.close();
      await prune.close();
    },
  };
}

function contextOf(deps: ExperimentsDeps): Context {
  const { kit, bus, experiments, experimentEvents: events, abTests, deploymentSlots } = deps;
  const tracing = kit.tracing ?? createTracing();
  const meters = createMeters(kit.metrics);
  return {
    experiments,
    events,
    abTests,
    learning: deps.learning,
    slots: deploymentSlots,
    bus,
    known: createKnownExperiments(experiments),
    slotOwners: createSlotOwners(deploymentSlots),
    sums: createSums(events, kit, meters),
    announce: createAnnounce(bus, tracing, kit),
    meters,
    tracing,
    kit,
  };
}
