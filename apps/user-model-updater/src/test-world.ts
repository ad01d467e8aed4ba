import { randomUUID } from "node:crypto";

import { SUBJECT_OF_KIND, type Scope } from "@signalpath/contracts";
import {
  buildUserSignals,
  userKey,
  type ContentItem,
  type SignalEvent,
  type UserKey,
  type UserSignals,
} from "@signalpath/domain";
import {
  createMemoryArchive,
  createMemoryBus,
  createMemoryCatalogue,
  createMemoryContentStore,
  createMemoryDeadLetters,
  createMemoryEventBuffer,
  createMemoryFeatureStore,
  createMemoryKeys,
  createMemoryProjects,
  createMemoryUserModelStore,
  createMemoryUserState,
  type Bus,
} from "@signalpath/ports";
import {
  createAuthenticator,
  createLogger,
  createMetrics,
  derivePepper,
  mintKey,
  sha256,
} from "@signalpath/service-kit";

import { createUserModelUpdater } from "./app.ts";
import type { UserModelUpdaterDeps } from "./deps.ts";

/** Start of the tests' day. */
export const DAY = Date.UTC(2026, 5, 12, 12);

export function items(): ContentItem[] {
  return Array.from({ length: 12 }, (_, n) => ({
    item_id: `i${n}`,
    title: `Item ${n}`,
    tags: [{ facet: "theme", label: `label ${n % 4}` }],
    word_count: 200,
    vector: [n % 4, (n * 7) % 5, 1],
  }));
}

/** An event `second` seconds into the day. */
export function eventAt(second: number, rest: Partial<SignalEvent>): SignalEvent {
  const time = new Date(DAY + second * 1_000).toISOString();
  return {
    event_id: `e${second}`,
    project_id: 1,
    kind: "feedback",
    occurred_at: time,
    received_at: time,
    ...(rest.kind === undefined || rest.kind === "feedback" ? { reaction: "like" as const } : {}),
    ...rest,
  };
}

/** Everything an updater needs, in memory, and the means to look at it. Nothing is started. */
export async function openWorld(
  change: (deps: UserModelUpdaterDeps) => Partial<UserModelUpdaterDeps> = () => ({}),
) {
  // Real time shifted to the tests' day: revisions rise, and events may lie before now.
  const shift = DAY + 3_600_000 - Date.now();
  const now = (): number => Date.now() + shift;
  const lines: string[] = [];
  const metrics = createMetrics("test");
  const kit = {
    logger: createLogger({ service: "test", level: "warn", write: (line) => lines.push(line) }),
    metrics,
    now,
    newId: randomUUID,
  };
  const bus: Bus = createMemoryBus({ now, retryPausesMs: [1] });
  const userState = createMemoryUserState({ now });
  const deadLetters = createMemoryDeadLetters({ sha256 });
  const archived = createMemoryArchive({ sha256, now, deadLetters });
  const projects = createMemoryProjects({ now });
  const keys = createMemoryKeys({ projects, now });
  const catalogue = createMemoryCatalogue();
  const pepper = derivePepper("secret of the tests");
  const project = await projects.create("shop");
  await catalogue.put(project.id, items());

  const base: UserModelUpdaterDeps = {
    kit,
    version: "test",
    state: () => "running",
    authenticator: createAuthenticator({ keys, pepper, now, logger: kit.logger }),
    bus,
    ...archived,
    deadLetters,
    buffer: createMemoryEventBuffer(userState),
    models: createMemoryUserModelStore(userState),
    features: createMemoryFeatureStore(userState),
    content: createMemoryContentStore(),
    catalogue,
    projects,
    sha256,
    neighbours: false,
    options: { pausesMs: [1], downPausesMs: [1], probeMs: 1, peopleAtOnce: 4 },
  };
  const deps = { ...base, ...change(base) };

  return {
    now,
    lines,
    deps,
    base,
    catalogue,
    userState,
    create: () => createUserModelUpdater(deps),
    publish: async (event: SignalEvent) => deps.bus.publish(SUBJECT_OF_KIND[event.kind], event),
    keyOf: (userId: string, space: "user" | "anonymous" = "user") =>
      userKey(sha256, 1, space, userId),
    async issue(scopes: Scope[]): Promise<string> {
      const { key, prefix, hash } = mintKey(pepper);
      await keys.create({ projectId: 1, name: "k", kind: "api", scopes, prefix, hash });
      return key;
    },
    metricsText: () => metrics.text(),
    /** The model as it must be: built from what the archive says. */
    async oracle(owner: UserKey, projectId = 1): Promise<UserSignals | undefined> {
      const events = await deps.archive.eventsOf(projectId, owner, { limit: 2_000 });
      if (events.length === 0) return undefined;
      const { rows, labels } = await contentOf(deps.catalogue, projectId);
      return buildUserSignals(
        events,
        (id) => rows.get(id),
        undefined,
        (label) => labels.get(label) ?? [],
      );
    },
    async stored(owner: UserKey): Promise<UserSignals | undefined> {
      const answer = await base.models.get(owner);
      if (answer.status === "moved") {
        const there = await base.models.get(answer.to);
        return there.status === "ok" ? there.model : undefined;
      }
      return answer.status === "ok" ? answer.model : undefined;
    },
  };
}

async function contentOf(catalogue: UserModelUpdaterDeps["catalogue"], projectId: number) {
  const rows = new Map<string, ContentItem>();
  const labels = new Map<string, string[]>();
  for (const { item, removed } of await catalogue.changes(projectId, { after: 0, limit: 1_000 })) {
    if (removed) continue;
    rows.set(item.item_id, item);
    for (const { label } of item.tags) labels.set(label, [`theme:${label}`]);
  }
  return { rows, labels };
}

export type World = Awaited<ReturnType<typeof openWorld>>;
