import { randomUUID } from "node:crypto";

import type { Scope } from "@signalpath/contracts";
import {
  buildUserSignals,
  SIGNALS_VERSION,
  userKey,
  type NameSpace,
  type SignalEvent,
} from "@signalpath/domain";
import { createKeyRing } from "@signalpath/model-loader";
import {
  createManualClock,
  createMemoryArchive,
  createMemoryBus,
  createMemoryCatalogue,
  createMemoryDeadLetters,
  createMemoryEventBuffer,
  createMemoryFeatureStore,
  createMemoryKeys,
  createMemoryLearning,
  createMemoryModelFiles,
  createMemoryProjects,
  createMemoryRankingRules,
  createMemoryTraining,
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

import { createManagementApi } from "./app.ts";
import type { ManagementApiDeps } from "./deps.ts";

/** management-api over memory keepers, with one project and a key of each scope. For tests. */
export async function openWorld(
  change: (deps: ManagementApiDeps) => Partial<ManagementApiDeps> = () => ({}),
) {
  const clock = createManualClock();
  const { now } = clock;
  const lines: string[] = [];
  const kit = {
    logger: createLogger({ service: "test", write: (line) => lines.push(line) }),
    metrics: createMetrics("test"),
    now,
    newId: randomUUID,
  };
  const bus = createMemoryBus({ now });
  const state = createMemoryUserState({ now });
  const models = createMemoryUserModelStore(state);
  const buffer = createMemoryEventBuffer(state);
  const features = createMemoryFeatureStore(state);
  const deadLetters = createMemoryDeadLetters({ sha256 });
  const { archive } = createMemoryArchive({ sha256, now, deadLetters });
  const projects = createMemoryProjects({ now });
  const keys = createMemoryKeys({ projects, now });
  const catalogue = createMemoryCatalogue();
  const training = createMemoryTraining({ projects, now, newId: randomUUID });
  const modelFiles = createMemoryModelFiles();
  const pepper = derivePepper("secret of the tests");
  const authenticator = createAuthenticator({ keys, pepper, now, logger: kit.logger });
  const project = await projects.create("shop");

  async function issue(projectId: number, scopes: Scope[]): Promise<string> {
    const { key, prefix, hash } = mintKey(pepper);
    await keys.create({ projectId, name: scopes.join(), kind: "api", scopes, prefix, hash });
    return key;
  }
  const adminKey = await issue(project.id, ["admin"]);
  const writeKey = await issue(project.id, ["write"]);
  const readKey = await issue(project.id, ["read"]);

  const deps: ManagementApiDeps = {
    kit,
    version: "test",
    state: () => "running",
    authenticator,
    pepper,
    keys,
    projects,
    catalogue,
    archive,
    buffer,
    models,
    features,
    bus,
    ring: createKeyRing({ secretKey: "secret of the tests" }),
    modelWriter: modelFiles,
    modelFiles,
    rankingRules: createMemoryRankingRules({ projects, now }),
    learning: createMemoryLearning({ sha256, now }).learning,
    ...training,
  };
  const app = createManagementApi({ ...deps, ...change(deps) });
  await app.start();

  let serial = 0;
  function event(rest: Partial<SignalEvent>): SignalEvent {
    const at = new Date(now() - 3_600_000 + 1_000 * ++serial).toISOString();
    const base = { event_id: `e-${serial}`, project_id: project.id, kind: "feedback" } as const;
    return { ...base, item_id: "i", reaction: "like", occurred_at: at, received_at: at, ...rest };
  }

  /** What the ingest side does with events: archive, buffer, model. */
  async function store(...events: SignalEvent[]): Promise<void> {
    const { results, links } = await archive.put(events);
    for (const link of links) await buffer.move(link.from, link.to);
    for (const result of results) {
      if (result.status === "erased") continue;
      const answer = await buffer.append(result.owner, [result.event]);
      if (answer.status !== "ok") throw new Error("moved");
      const model = buildUserSignals(answer.events, () => undefined);
      const { revision } = answer;
      const version = { revision, contentVersion: 0, signalsVersion: SIGNALS_VERSION };
      await models.save(result.owner, model, version);
    }
  }

  return {
    app,
    now,
    advance: (ms: number) => clock.advance(ms),
    bus,
    models,
    features,
    buffer,
    archive,
    deadLetters,
    catalogue,
    projects,
    modelFiles,
    ...training,
    keys,
    project,
    authenticator,
    adminKey,
    writeKey,
    readKey,
    lines,
    metrics: kit.metrics,
    issue,
    event,
    store,
    keyOf: (id: string, space: NameSpace = "user") => userKey(sha256, project.id, space, id),
    /** JSON unless the body is text already; the admin key unless another (or null) is given. */
    async request(
      method: string,
      path: string,
      options: {
        key?: string | null;
        body?: unknown;
        headers?: Record<string, string>;
      } = {},
    ): Promise<Response> {
      const { key = adminKey, body } = options;
      const raw =
        typeof body === "string" ||
        body instanceof Uint8Array ||
        body instanceof FormData ||
        body instanceof ReadableStream;
      const init: RequestInit = {
        method,
        ...(body instanceof ReadableStream ? { duplex: "half" as const } : {}),
        headers: { ...(key === null ? {} : { "x-api-key": key }), ...options.headers },
        ...(body === undefined
          ? {}
          : {
              body: raw
                ? (body as string | Uint8Array<ArrayBuffer> | FormData)
                : JSON.stringify(body),
            }),
      };
      return app.fetch(new Request(`http://test${path}`, init));
    },
    async close() {
      await app.close();
      await bus.close();
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;
