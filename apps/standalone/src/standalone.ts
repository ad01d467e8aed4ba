import { randomUUID } from "node:crypto";
import { resolve } from "node:path";

import {
  openBackends,
  openEmbeddingProvider,
  openModelFiles,
  type Backends,
} from "@signalpath/backends";
import { mediaRootOf, settingsOf } from "@signalpath/inference-gateway/env";
import { createKeyRing } from "@signalpath/model-loader";
import { createMemoryContentStore, type Projects } from "@signalpath/ports";
import {
  createAuthenticator,
  createContentFeed,
  createLogger,
  createMetrics,
  derivePeppers,
  gitShaOf,
  openTracing,
  serve,
  sha256,
  type HttpServer,
  type Kit,
} from "@signalpath/service-kit";

import type { StandaloneConfig } from "./config.ts";
import { nextCodeText, readyText } from "./console.ts";
import { ensureKeys, writeCredentials, type Credentials } from "./credentials.ts";
import { dataDirPaths, ensureDataDir, readSecret, writePid } from "./data-dir.ts";
import { createSignInCode, isLoopback } from "./demo-sign-in.ts";
import { importSample } from "./import-sample.ts";
import { indexPage } from "./index-page.ts";
import { openLogFile } from "./log-file.ts";
import { pause } from "./pause.ts";
import { SHOWN_VISITOR } from "./simulator/visitors.ts";
import { startWarmUp } from "./warm-up.ts";

export const VERSION = "0.1.0";
/** Requests in flight get this long at a stop, milliseconds. */
const DRAIN_MS = 6_000;
/** A start waits this long for user models, milliseconds; the rest is built behind it. */
const WARM_UP_MS = { least: 500, most: 1_500 };
/** Age of the process, milliseconds, at which it should be ready. */
const READY_BY_MS = 3_000;

export interface RunningStandalone {
  url: string;
  credentials: Credentials;
  readyText: string;
  /** Finishes what is in flight and closes everything. */
  close(): Promise<void>;
  /** Says in the log that the process ends although it is not closed. */
  abandoned(afterMs: number): void;
}

interface Closeable {
  close(): Promise<void>;
}
type Own = <T extends Closeable>(resource: T) => T;

/**
 * Starts every app in this process on embedded stores and one port. Resolves when `/readyz`
 * answers 200.
 * @throws DataDirLockedError, EADDRINUSE; what was opened is closed again.
 */
export async function startStandalone(config: StandaloneConfig): Promise<RunningStandalone> {
  const opened: Closeable[] = [];
  const own: Own = (resource) => {
    opened.push(resource);
    return resource;
  };
  const close = async () => {
    const failures: unknown[] = [];
    for (const resource of opened.splice(0).toReversed()) {
      await resource.close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, "not everything closed cleanly");
  };
  try {
    return await start(config, own, close);
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

async function start(
  config: StandaloneConfig,
  own: Own,
  close: () => Promise<void>,
): Promise<RunningStandalone> {
  const startedAt = performance.now();
  // What is long to load is loaded while the database opens.
  const loading = import("./rooms.ts");
  loading.catch(() => {}); // Told where it is awaited, below.
  const dataDir = resolve(config.SIGNALPATH_DATA_DIR);
  const paths = dataDirPaths(dataDir);
  await ensureDataDir(dataDir);
  const log = own(openLogFile(paths.log));
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracing = own(await openTracing({ service: "standalone", version: VERSION, endpoint }));
  const kit: Kit = {
    tracing,
    logger: createLogger({ service: "standalone", level: config.LOG_LEVEL, write: log.write }),
    metrics: createMetrics(VERSION, { defaults: true, sha: gitShaOf({ GIT_SHA: config.GIT_SHA }) }),
    now: Date.now,
    newId: randomUUID,
  };
  const backends = own(await openEmbedded(config, dataDir, kit));
  own(await writePid(paths.pid, process.pid));
  const secretKey = await readSecret(paths.secret, config.SECRET_KEY);
  const { SECRET_KEY_PREVIOUS: previousSecretKey, MODEL_SIGNING_KEYS: signingKeys } = config;
  const peppers = derivePeppers(secretKey, previousSecretKey);
  const { pepper } = peppers;
  const signing = { signingKeys, secretKey, previousSecretKey };
  const ring = createKeyRing(signing);
  const mediaRoot = mediaRootOf({ ...config, SIGNALPATH_DATA_DIR: dataDir });
  const embeddingProvider = openEmbeddingProvider(config);
  const files = await openModelFiles(mediaRoot, { writes: true });
  const projectId = await ensureProject(backends.projects);
  const { now, logger } = kit;
  const keys = await ensureKeys({ keys: backends.keys, pepper, projectId, now }, paths.credentials);
  const sample = config.SIGNALPATH_DEMO
    ? await importSample(backends.catalogue, projectId, paths.sampleMarker, now())
    : undefined;

  const rooms = await loading;
  let phase: "starting" | "running" | "draining" = "starting";
  const state = () => phase;
  const authenticator = createAuthenticator({ ...kit, ...backends, ...peppers });
  const content = createMemoryContentStore();
  const spaces = own(
    rooms.createLiveEmbeddings({ ...backends, files: files.reader, ring, logger }),
  );
  const feed = createContentFeed({ ...backends, store: content, spaces, now, logger });
  const shared = { kit, version: VERSION, state };
  const recommender = {
    profile: { timeOfDay: config.RANK_TIME_OF_DAY, dismissDamping: config.RANK_DISMISS_DAMPING },
    learningLogShare: config.LEARNING_LOG_SHARE,
    rateLimit: config.RECOMMEND_RATE_LIMIT,
  };
  const apps = rooms.createApps({
    ...shared,
    backends,
    content,
    feed,
    authenticator,
    pepper,
    recommender,
    ring,
    modelFiles: files.reader,
    modelWriter: files.writer,
    inference: settingsOf(config),
    corsOrigins: config.CORS_ORIGINS,
    training: { modelFiles: files, signing, embeddingProvider, ...versionOf(config.GIT_SHA) },
  });
  const pages = rooms.createConsole({
    ...shared,
    bundle: rooms.openBundle(kit),
    fallbackHtml: indexPage(config.SIGNALPATH_DEMO ? SHOWN_VISITOR : undefined),
  });
  const code =
    config.SIGNALPATH_DEMO && isLoopback(config.HOST)
      ? createSignInCode((next) => process.stdout.write(nextCodeText(next)))
      : undefined;
  const edge = rooms.createEdge({
    ...shared,
    apps,
    console: own(pages),
    publishableKey: config.SIGNALPATH_DEMO ? keys.publishable_key : undefined,
    signIn: code && { code, apiKey: keys.api_key },
  });
  if (config.SIGNALPATH_DEMO) {
    // First, so that content and models are in its space from the start.
    await rooms.trainDemoEmbedding({ backends, kit, ring, files: files.writer, projectId });
  }
  await spaces.start();
  await own(feed).start();
  for (const name of rooms.START_ORDER) await own(apps[name]).start();
  const server = await serve((request, env) => edge.fetch(request, env), {
    host: config.HOST,
    port: config.PORT,
    ownsProcess: true,
    onCut: (connections) =>
      logger.warn({ connections, after_ms: DRAIN_MS }, "cut what was still running at the drain"),
  });
  own({ close: () => server.drain(DRAIN_MS) });
  // Before the server: a stream that does not end would hold the drain up.
  own({ close: async () => apps["management-api"].quiesce?.() });
  const url = urlOf(server, config.HOST);
  const credentials = { url, ...keys };
  await writeCredentials(paths.credentials, credentials);
  const models = config.SIGNALPATH_DEMO
    ? rooms.trainDemo({ backends, kit, ring, files, projectId })
    : Promise.resolve(false);
  await warmUp(backends, kit, own);
  const predicts = await models;
  if (config.SIGNALPATH_DEMO) own(await rooms.startDemo({ backends, kit, credentials }));
  // Closed first: from then on readiness says so.
  own({ close: async () => void (phase = "draining") });
  phase = "running";
  const seconds = (performance.now() - startedAt) / 1_000;
  const demo = config.SIGNALPATH_DEMO;
  const signInCode = code?.current();
  const facts = { credentials, dataDir, paths, demo, predicts, sample, seconds, signInCode };
  const text = readyText(facts);
  const abandoned = (after_ms: number) =>
    logger.warn({ after_ms }, "the drain took too long: ended with work under way");
  return { url, credentials, readyText: text, close, abandoned };
}

/** The commit a model says it was trained by, where one is known. */
function versionOf(GIT_SHA: string | undefined): { gitVersion?: string } {
  const gitVersion = gitShaOf({ GIT_SHA });
  return gitVersion === "unknown" ? {} : { gitVersion };
}

/** No server URL is handed on: every port is embedded, with tables in the data dir. */
function openEmbedded(config: StandaloneConfig, dataDir: string, kit: Kit): Promise<Backends> {
  return openBackends(
    { NODE_ENV: config.NODE_ENV, SIGNALPATH_DATA_DIR: dataDir },
    {
      service: "standalone",
      now: kit.now,
      sha256,
      warn: (line) => kit.logger.info(line),
      onError: (err, what) => kit.logger.error({ err }, `${what} failed`),
      // Keys for tables in memory, which this process never has.
      mintKey: () => {
        throw new Error("the standalone mints its own keys");
      },
    },
  );
}

async function ensureProject(projects: Projects): Promise<number> {
  const { projects: found } = await projects.list({ offset: 0, limit: 1 });
  return (found[0] ?? (await projects.create("default"))).id;
}

/** Waits a little for user models; the rest is built while requests are answered already. */
async function warmUp(backends: Backends, kit: Kit, own: Own): Promise<void> {
  const stop = new AbortController();
  const { done } = startWarmUp({
    ...backends,
    now: kit.now,
    sleep: (ms) => pause(ms, stop.signal),
    logger: kit.logger,
    signal: stop.signal,
  });
  own({
    async close() {
      stop.abort();
      await done;
    },
  });
  const left = READY_BY_MS - performance.now();
  const patience = Math.min(WARM_UP_MS.most, Math.max(WARM_UP_MS.least, left));
  await Promise.race([done, pause(patience, stop.signal)]);
}

/** Where this machine reaches the server; a wildcard address is no destination. */
function urlOf(server: HttpServer, host: string): string {
  const wildcard = host === "0.0.0.0" || host === "::";
  return wildcard ? `http://127.0.0.1:${server.port}` : server.url;
}
