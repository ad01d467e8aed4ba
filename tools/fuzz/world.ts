import { openBackends, type Backends } from "@signalpath/backends";
import type { Scope } from "@signalpath/contracts";
import { createIngestWebhook } from "@signalpath/ingest-webhook/app";
import { createManagementApi } from "@signalpath/management-api/app";
import { createKeyRing } from "@signalpath/model-loader";
import {
  createCountingIds,
  createManualClock,
  createMemoryContentStore,
  createMemoryModelFiles,
  deadLetterId,
  type Bus,
  type ContentStore,
  type DeadLetter,
} from "@signalpath/ports";
import { createRecommender } from "@signalpath/recommender/app";
import {
  createAuthenticator,
  createContentFeed,
  createLogger,
  createMetrics,
  derivePepper,
  mintKey,
  sha256,
  type App,
  type Kit,
} from "@signalpath/service-kit";
import { createUserModelUpdater } from "@signalpath/user-model-updater/app";
import { DURABLES } from "@signalpath/user-model-updater/internal/subscriptions.ts";

import { publishWitness, putItems, snapshotOf } from "./witness.ts";

/** What the checks look at: the doors, and what stands behind them. */
export interface Target {
  /** `env` carries Node's incoming and outgoing when a socket is behind the request. */
  fetch(request: Request, env?: unknown): Promise<Response>;
  keys: { write: string; api: string; admin: string };
  /** Which of these event ids the archive of the fuzzed project holds. */
  archived(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Dead letters of the fuzzed project under this code, newest first, at most 500. */
  letters(code: string): Promise<readonly DeadLetter[]>;
  hasLetter(of: { app: string; code: string; eventId: string }): Promise<boolean>;
  /** Everything that no request may change, as text. */
  witness(): Promise<string>;
  /** A second passes. */
  tick(): void;
  /** Resolves when what was accepted is in the models. */
  settle(): Promise<void>;
  /** What the apps logged as errors or their background work threw, since it was asked last. */
  takeErrors(): string[];
  close(): Promise<void>;
}

const SETTLE_MS = 30_000;

/**
 * Every app over embedded ports, with a witness and a second project that nobody may touch.
 * @param dataDir an empty directory for real tables; absent = keepers in memory.
 */
export async function openWorld(dataDir?: string): Promise<Target> {
  const clock = createManualClock();
  const { now } = clock;
  const errors: string[] = [];
  const pepper = derivePepper("a secret of fuzzing");
  const kit: Kit = {
    logger: createLogger({ service: "fuzz", level: "error", write: (line) => errors.push(line) }),
    metrics: createMetrics("fuzz"),
    now,
    newId: createCountingIds(),
  };
  const note = (error: unknown, what: string) => void errors.push(`${what}: ${String(error)}`);
  const backends = await openBackends(
    { NODE_ENV: "test", SIGNALPATH_DATA_DIR: dataDir },
    { service: "fuzz", now, sha256, warn: () => {}, onError: note, mintKey: () => mintKey(pepper) },
  );
  const ports = { ...backends, content: createMemoryContentStore() };
  const ids = {
    fuzzed: (await ports.projects.create("fuzzed")).id,
    other: (await ports.projects.create("another")).id,
  };
  await putItems(ports, ids);
  const keys = await issueKeys(ports, ids.fuzzed, pepper);
  const { apps, appOf, close } = await startApps(ports, kit, pepper);
  await publishWitness(ports, ids, now());
  const target: Target = {
    fetch: async (request, env) => appOf(request).fetch(request, env),
    keys,
    archived: (eventIds) => ports.archive.known(ids.fuzzed, eventIds),
    letters: async (code) =>
      (await ports.deadLetters.list(ids.fuzzed, { code, limit: 500 })).letters,
    async hasLetter(of) {
      const id = deadLetterId(sha256, { projectId: ids.fuzzed, body: "", ...of });
      return (await ports.deadLetters.get(ids.fuzzed, [id])).length > 0;
    },
    witness: () => snapshotOf(ports, ids),
    tick: () => clock.advance(1_000),
    settle: () => settle(ports.bus),
    takeErrors: () => errors.splice(0),
    async close() {
      for (const app of apps.toReversed()) await app.close();
      await close();
    },
  };
  await target.settle();
  return target;
}

type Ports = Backends & { content: ContentStore };

async function issueKeys(
  { keys }: Pick<Ports, "keys">,
  projectId: number,
  pepper: Uint8Array,
): Promise<Target["keys"]> {
  async function issue(kind: "write" | "api", scopes: Scope[]): Promise<string> {
    const { key, prefix, hash } = mintKey(pepper);
    await keys.create({ projectId, name: scopes.join(), kind, scopes, prefix, hash });
    return key;
  }
  return {
    write: await issue("write", ["write"]),
    api: await issue("api", ["read", "write"]),
    admin: await issue("api", ["admin"]),
  };
}

async function startApps(ports: Ports, kit: Kit, pepper: Uint8Array) {
  const { logger, now } = kit;
  const authenticator = createAuthenticator({ keys: ports.keys, pepper, now, logger });
  const feed = createContentFeed({ ...ports, store: ports.content, now, logger });
  const state = () => "running" as const;
  const deps = { ...ports, kit, version: "fuzz", state, authenticator, pepper, feed, sha256 };
  const updater = createUserModelUpdater({
    ...deps,
    embeddedUserState: true,
    neighbours: false,
    options: { pausesMs: [1], peopleAtOnce: 4 },
  });
  const recommender = createRecommender({ ...deps, events: ports.buffer });
  const ring = createKeyRing({ secretKey: "a secret of the fuzzing" });
  const modelWriter = createMemoryModelFiles();
  const management = createManagementApi({ ...deps, ring, modelWriter, modelFiles: modelWriter });
  const ingest = createIngestWebhook(deps);
  const apps: readonly App[] = [updater, recommender, management, ingest];
  await feed.start();
  for (const app of apps) await app.start();

  function appOf({ method, url }: Request): App {
    const path = new URL(url).pathname;
    if (/^\/api\/(?:ingest|dead-letters)(?:\/|$)/.test(path)) return ingest;
    if (/^\/api\/(?:recommend|usermodel)(?:\/|$)/.test(path)) return recommender;
    const isRead = method === "GET" || method === "HEAD";
    return isRead && /^\/api\/content(?:\/|$)/.test(path) ? recommender : management;
  }
  async function close(): Promise<void> {
    await feed.close();
    await ports.close();
  }
  return { apps, appOf, close };
}

async function settle(bus: Pick<Bus, "lag">): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  while (performance.now() < until) {
    await new Promise((resolve) => setImmediate(resolve));
    const lags = await Promise.all(DURABLES.map(({ durable, filter }) => bus.lag(durable, filter)));
    if (lags.every((lag) => (lag?.pending ?? 0) + (lag?.ackPending ?? 0) === 0)) return;
  }
  throw new Error("the consumers never came to rest");
}
