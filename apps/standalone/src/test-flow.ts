import { randomUUID } from "node:crypto";

import { openBackends, type Backends, type BackendSettings } from "@signalpath/backends";
import { createLiveEmbeddings } from "@signalpath/embeddings";
import { createKeyRing } from "@signalpath/model-loader";
import { createMemoryContentStore, createMemoryModelFiles } from "@signalpath/ports";
import {
  createAuthenticator,
  createContentFeed,
  createLogger,
  createMetrics,
  createTracing,
  derivePepper,
  mintKey,
  sha256,
  type Kit,
  type Tracing,
} from "@signalpath/service-kit";

import { createApps, START_ORDER } from "./apps.ts";
import { createEdge } from "./edge.ts";

export type Flow = Awaited<ReturnType<typeof openFlow>>;

/**
 * Every app of this repository in one process behind the standalone's edge, without its socket:
 * over memory unless settings name something else. For tests.
 */
export async function openFlow(
  options: { settings?: Partial<BackendSettings>; tracing?: Tracing } = {},
) {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const metrics = createMetrics("test", { defaults: true, sha: "0123abc" });
  const kit: Kit = {
    logger: createLogger({ service: "flow", level: "debug", write }),
    metrics,
    tracing: options.tracing ?? createTracing(),
    now: Date.now,
    newId: randomUUID,
  };
  const pepper = derivePepper("secret of the tests");
  const backends: Backends = await openBackends(
    { NODE_ENV: "test", ...options.settings },
    {
      service: "flow",
      now: kit.now,
      sha256,
      warn: () => {},
      onError: (err, what) => kit.logger.error({ err }, what),
      mintKey: () => mintKey(pepper),
    },
  );
  const { now, logger } = kit;
  const project =
    (await backends.projects.list({ offset: 0, limit: 1 })).projects[0] ??
    (await backends.projects.create("shop"));
  const made = mintKey(pepper);
  await backends.keys.create({
    projectId: project.id,
    name: "all",
    kind: "api",
    scopes: ["admin"],
    prefix: made.prefix,
    hash: made.hash,
  });
  const authenticator = createAuthenticator({ ...kit, ...backends, pepper });
  const content = createMemoryContentStore();
  const shared = { kit, version: "test", state: () => "running" as const };
  const signing = { secretKey: "secret of the tests" };
  const ring = createKeyRing(signing);
  const modelFiles = createMemoryModelFiles();
  const spaces = createLiveEmbeddings({ ...backends, files: modelFiles, ring, logger });
  const feed = createContentFeed({ ...backends, store: content, spaces, now, logger });
  const deps = { ...shared, backends, content, feed, authenticator, pepper, ring, modelFiles };
  const files = { reader: modelFiles, writer: modelFiles };
  const training = { modelFiles: files, signing };
  const apps = createApps({ ...deps, modelWriter: modelFiles, training });
  const pages = { fetch: () => new Response("a page") };
  const edge = createEdge({ ...shared, apps, console: pages });
  await spaces.start();
  await feed.start();
  for (const name of START_ORDER) await apps[name].start();

  /** @param from address the call seems to come from; none = from inside the process. */
  async function call(method: string, path: string, body?: unknown, headers = {}, from?: string) {
    const response = await edge.fetch(
      new Request(`http://flow.test${path}`, {
        method,
        headers: { "x-api-key": made.key, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
      from === undefined ? undefined : { incoming: { socket: { remoteAddress: from } } },
    );
    const { status, headers: answered } = response;
    // A stream has no end to wait for.
    const isStream = answered.get("content-type")?.startsWith("text/event-stream") === true;
    if (isStream) await response.body?.cancel();
    return { status, headers: answered, text: isStream ? "" : await response.text() };
  }

  return {
    lines,
    backends,
    /** What the apps stand on. */
    deps,
    key: made.key,
    projectId: project.id,
    edge,
    call,
    json: async (method: string, path: string, body?: unknown, headers = {}) =>
      JSON.parse((await call(method, path, body, headers)).text) as Record<string, unknown>,
    async close() {
      for (const name of START_ORDER.toReversed()) await apps[name].close();
      await feed.close();
      await spaces.close();
      await backends.close();
    },
  };
}

/** A like of `item` by `user`, as a sender writes it. */
export function like(messageId: string, user: string, item: string, atMs: number) {
  return {
    type: "track",
    event: "Tip Liked",
    messageId,
    userId: user,
    timestamp: new Date(atMs).toISOString(),
    properties: { item_id: item },
  };
}
