import {
  SIGNALS_VERSION,
  buildUserSignals,
  userKey,
  type ContentItem,
  type SignalEvent,
} from "@signalpath/domain";
import type { Scope } from "@signalpath/contracts";
import {
  createManualClock,
  createMemoryArchive,
  createMemoryBus,
  createMemoryCatalogue,
  createMemoryContentStore,
  createMemoryEventBuffer,
  createMemoryExperiments,
  createMemoryFeatureStore,
  createMemoryKeys,
  createMemoryLearning,
  createMemoryProjects,
  createMemoryRateLimiter,
  createMemoryUserModelStore,
  createMemoryUserState,
} from "@signalpath/ports";
import {
  createAuthenticator,
  createLogger,
  createMetrics,
  derivePepper,
  mintKey,
  sha256,
} from "@signalpath/service-kit";
import { randomUUID } from "node:crypto";

import { createRecommender } from "./app.ts";
import type { RecommenderDeps } from "./deps.ts";

/** A small catalogue: three themes of five items each, some with a place. */
export function sampleItems(): ContentItem[] {
  return ["rivers", "bread", "chess"].flatMap((label, theme) =>
    [1, 2, 3, 4, 5].map((n) => ({
      item_id: `${label}-${n}`,
      title: `${label} number ${n}`,
      text: `All about ${label}`,
      tags: [{ facet: "theme", label }],
      word_count: 300,
      ...(n <= 2 ? { lat: 50 + theme, lon: 8 + n / 1_000 } : {}),
      published_at: new Date(Date.UTC(2026, 4, 1 + theme, n)).toISOString(),
    })),
  );
}

/** The recommender over memory keepers, with one project, its catalogue and a read key. For tests. */
export async function openWorld(
  change: (deps: RecommenderDeps) => Partial<RecommenderDeps> = () => ({}),
) {
  const clock = createManualClock();
  const { now } = clock;
  const lines: string[] = [];
  const kit = {
    logger: createLogger({ service: "test", level: "warn", write: (line) => lines.push(line) }),
    metrics: createMetrics("test"),
    now,
    newId: randomUUID,
  };
  const bus = createMemoryBus({ now });
  const state = createMemoryUserState({ now });
  const models = createMemoryUserModelStore(state);
  const buffer = createMemoryEventBuffer(state);
  const features = createMemoryFeatureStore(state);
  const { archive, reader, itemStats } = createMemoryArchive({ sha256, now });
  const projects = createMemoryProjects({ now });
  const keys = createMemoryKeys({ projects, now });
  const catalogue = createMemoryCatalogue();
  const experiments = createMemoryExperiments({ projects, now });
  const { learning } = createMemoryLearning({ sha256, now });
  const content = createMemoryContentStore();
  const pepper = derivePepper("secret of the tests");
  const authenticator = createAuthenticator({ keys, pepper, now, logger: kit.logger });

  async function issue(projectId: number, scopes: Scope[]) {
    const { key, prefix, hash } = mintKey(pepper);
    const record = await keys.create({ projectId, name: "k", kind: "api", scopes, prefix, hash });
    return { key, id: record.id };
  }

  const project = await projects.create("shop");
  const { key: readKey, id: readKeyId } = await issue(project.id, ["read"]);
  await catalogue.put(project.id, sampleItems());
  const deps: RecommenderDeps = {
    kit,
    version: "test",
    state: () => "running",
    authenticator,
    models,
    features,
    events: buffer,
    archive,
    reader,
    content,
    catalogue,
    projects,
    itemStats,
    experiments,
    learning,
    limiter: createMemoryRateLimiter({ now }),
    bus,
  };
  const app = createRecommender({ ...deps, ...change(deps) });
  await app.start();

  let serial = 0;
  /** An event of a user, one second after the one before. */
  function event(userId: string, rest: Partial<SignalEvent>): SignalEvent {
    const at = new Date(now() - 3_600_000 + 1_000 * ++serial).toISOString();
    const base = { event_id: `e-${serial}`, project_id: project.id, user_id: userId };
    return { ...base, kind: "feedback", occurred_at: at, received_at: at, ...rest };
  }

  /** What the ingest side does with events of one person: archive, buffer, model. */
  async function store(events: readonly SignalEvent[]): Promise<void> {
    const { results, links } = await archive.put(events);
    for (const link of links) await buffer.move(link.from, link.to);
    for (const result of results) {
      if (result.status === "erased") continue;
      const answer = await buffer.append(result.owner, [result.event]);
      if (answer.status !== "ok") throw new Error("moved");
      const ids = answer.events.flatMap((one) => one.item_id ?? []);
      const items = await catalogue.get(project.id, ids);
      const byId = new Map(items.map((item) => [item.item_id, item]));
      const labels = (label: string) => [`theme:${label}`];
      await models.save(
        result.owner,
        buildUserSignals(answer.events, (id) => byId.get(id), undefined, labels),
        {
          revision: answer.revision,
          contentVersion: await catalogue.version(project.id),
          signalsVersion: SIGNALS_VERSION,
        },
      );
    }
  }

  return {
    app,
    clock,
    bus,
    models,
    features,
    buffer,
    archive,
    catalogue,
    content,
    experiments,
    learning,
    projects,
    project,
    authenticator,
    readKey,
    readKeyId,
    lines,
    metrics: kit.metrics,
    issue,
    event,
    store,
    keyOf: (userId: string) => userKey(sha256, project.id, "user", userId),
    like: (userId: string, itemId: string) =>
      store([event(userId, { item_id: itemId, reaction: "like" })]),
    request(path: string, init: RequestInit & { key?: string | null } = {}): Promise<Response> {
      const { key = readKey, ...rest } = init;
      const headers = new Headers(rest.headers);
      if (key !== null) headers.set("x-api-key", key);
      return Promise.resolve(app.fetch(new Request(`http://test${path}`, { ...rest, headers })));
    },
    async close() {
      await app.close();
      await bus.close();
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

/** A query string from names and values, everything encoded. */
export function q(parameters: Record<string, string | number | boolean>): string {
  const entries = Object.entries(parameters).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return new URLSearchParams(entries).toString();
}
