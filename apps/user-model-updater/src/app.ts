import type { ConsumerLagFact } from "@signalpath/contracts";
import { createUserSignalsBuilder, type TagLabels } from "@signalpath/domain";
import { createFeatureEvaluator } from "@signalpath/feature-registry";
import type { Probe, Subscription } from "@signalpath/ports";
import {
  createContentFeed,
  createHttpApp,
  createPresence,
  createRepeater,
  createTracing,
  type App,
} from "@signalpath/service-kit";

import { createAnnouncer } from "./announce.ts";
import { createBacklog } from "./backlog.ts";
import { APP, DEFAULT_OPTIONS, type BuildSignals, type Context } from "./context.ts";
import type { UserModelUpdaterDeps } from "./deps.ts";
import { createAppliedKeeper } from "./keep-applied.ts";
import { createMeters } from "./meters.ts";
import { createMoves } from "./move-links.ts";
import { createNeighboursJob } from "./neighbours-job.ts";
import { createOutage } from "./outage.ts";
import { createProgress } from "./progress.ts";
import { addRoutes, endpoints } from "./routes.ts";
import { createSavedVersions } from "./saved-versions.ts";
import { DURABLES, subscribe } from "./subscriptions.ts";
import { createUpdateTeller } from "./tell-updates.ts";

export type { UpdaterOptions } from "./context.ts";
export type { UserModelUpdaterDeps } from "./deps.ts";

const LAG_MS = 5_000;
const DEAD_LETTERS_MS = 15_000;
const PRUNE_MS = 3_600_000;

/** The service that turns `signals.*` into event buffers and user models. */
export function createUserModelUpdater(deps: UserModelUpdaterDeps): App {
  const { kit, bus } = deps;
  const { logger, now } = kit;
  const feed = deps.feed ?? createContentFeed({ ...deps, store: deps.content, now, logger });
  const ctx = createContext(deps, feed);
  const applied = createAppliedKeeper(ctx, { atStart: deps.embeddedUserState !== true });
  const neighbours = createNeighboursJob(ctx);
  const lag = createRepeater({
    task: () => readLag(ctx),
    pauseMs: () => LAG_MS,
    what: "reading how far consumers are behind",
    logger,
  });
  const letters = createRepeater({
    task: () => readDeadLetters(ctx),
    pauseMs: () => DEAD_LETTERS_MS,
    what: "counting dead letters",
    logger,
  });
  const prune = createRepeater({
    task: async () => void (await ctx.deadLetters.prune(now())),
    pauseMs: () => PRUNE_MS,
    what: "pruning dead letters",
    logger,
  });
  const probes = probesOf(deps, [
    { name: "content", check: () => feed.check() },
    { name: "catch_up", check: () => applied.check() },
  ]);
  const http = createHttpApp({
    service: APP,
    version: deps.version,
    kit,
    probes,
    endpoints,
    state: deps.state,
  });
  addRoutes(http, ctx, deps.authenticator);
  const presence = createPresence({ ...deps, service: APP, probes });
  const unhook: (() => void)[] = [];
  let subscription: Subscription | undefined;

  return {
    name: APP,
    fetch: (request, env) => http.fetch(request, env),
    endpoints,
    probes,
    async start() {
      if (deps.feed === undefined) await feed.start();
      for (const port of [bus, ctx.buffer]) {
        unhook.push(port.onReconnect(() => void applied.reconnected()));
      }
      subscription = await subscribe(ctx, deps.authenticator, neighbours);
      // Not waited for: a long catch-up must not keep new events away; readiness tells of it.
      void applied.start();
      ctx.live.start(kit.newId());
      presence.start();
      void lag.runNow();
      void letters.runNow();
      void prune.runNow();
      if (deps.neighbours !== false) neighbours.start();
    },
    async quiesce() {
      ctx.outage.close();
      await subscription?.close();
      subscription = undefined;
    },
    async close() {
      ctx.outage.close();
      for (const off of unhook.splice(0)) off();
      await subscription?.close();
      const jobs = [applied, lag, letters, prune, neighbours, presence];
      await Promise.all(jobs.map((one) => one.close()));
      ctx.live.close();
      if (deps.feed === undefined) await feed.close();
      await ctx.progress.settled();
      await ctx.announcer.drain();
    },
  };
}

/** What the verbs of one updater share. */
export function createContext(
  deps: Omit<
    UserModelUpdaterDeps,
    "authenticator" | "catalogue" | "projects" | "state" | "version"
  >,
  feed: Context["feed"],
): Context {
  const meters = createMeters(deps.kit.metrics);
  const tracing = deps.kit.tracing ?? createTracing();
  const options = { ...DEFAULT_OPTIONS, ...deps.options };
  return {
    archive: deps.archive,
    reader: deps.reader,
    deadLetters: deps.deadLetters,
    itemStats: deps.itemStats,
    buffer: deps.buffer,
    models: deps.models,
    features:
      deps.features === undefined
        ? undefined
        : createFeatureEvaluator({ store: deps.features, now: deps.kit.now }),
    bus: deps.bus,
    content: deps.content,
    feed,
    build: createBuild(),
    sha256: deps.sha256,
    now: deps.kit.now,
    logger: deps.kit.logger,
    meters,
    tracing,
    traceHeaders: {},
    backlog: createBacklog(deps.kit.now),
    moves: createMoves(deps.buffer, options.remembered),
    saved: createSavedVersions(options.remembered),
    progress: createProgress(),
    outage: createOutage(
      [() => deps.archive.check(), () => deps.buffer.check(), () => deps.models.check()],
      options,
    ),
    announcer: createAnnouncer(deps.bus, meters, tracing),
    live: createUpdateTeller(deps.bus),
    options,
  };
}

/** One builder for all models remembers what it derived from an item. */
export function createBuild(): BuildSignals {
  let labels: TagLabels = () => [];
  const builder = createUserSignalsBuilder({ tagLabels: (label) => labels(label) });
  return (events, content, tagLabels, space) => {
    labels = tagLabels;
    return builder(events, content, undefined, space);
  };
}

async function readDeadLetters(ctx: Context): Promise<void> {
  const counts = await ctx.deadLetters.counts();
  ctx.meters.deadLettersKept.reset();
  // Zero is said too: an alert on a number that is absent would never end.
  ctx.meters.deadLettersKept.set({ svc: APP }, 0);
  for (const { app, count } of counts) ctx.meters.deadLettersKept.set({ svc: app }, count);
}

async function readLag(ctx: Context): Promise<void> {
  const told: ConsumerLagFact[] = [];
  for (const { durable, filter } of DURABLES) {
    const lag = await ctx.bus.lag(durable, filter);
    if (lag === undefined) continue;
    ctx.meters.pending.set({ consumer: durable }, lag.pending);
    ctx.meters.ackPending.set({ consumer: durable }, lag.ackPending);
    const age = ctx.backlog.oldestAgeSeconds(durable, lag);
    ctx.meters.oldestAge.set({ consumer: durable }, age);
    told.push({
      consumer: durable,
      pending: lag.pending,
      ack_pending: lag.ackPending,
      oldest_age_seconds: Math.max(0, age),
    });
  }
  ctx.live.lag(told);
}

function probesOf(deps: UserModelUpdaterDeps, own: readonly Probe[]): Probe[] {
  return [
    { name: "bus", check: () => deps.bus.check() },
    { name: "archive", check: () => deps.archive.check() },
    { name: "event_buffer", check: () => deps.buffer.check() },
    { name: "user_models", check: () => deps.models.check() },
    ...own,
    ...(deps.probes ?? []),
  ];
}
