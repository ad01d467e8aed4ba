// The gateway over memory keepers, with trained models. Imported by tests only.
import { randomUUID } from "node:crypto";

import type { ModelMetadata, Scope } from "@signalpath/contracts";
import { createInlineChecker, createKeyRing, writeArtefact } from "@signalpath/model-loader";
import { buildInteractions, modelKinds, type InteractionRow } from "@signalpath/models";
import {
  createManualClock,
  createMemoryBus,
  createMemoryKeys,
  createMemoryModelFiles,
  createMemoryProjects,
  createMemoryRateLimiter,
  createMemoryTraining,
  type NewTrainedModelVersion,
  type TrainedModel,
  type TrainingStores,
  UnavailableError,
} from "@signalpath/ports";
import {
  createAuthenticator,
  createLogger,
  createMetrics,
  derivePepper,
  mintKey,
} from "@signalpath/service-kit";

import { createInferenceGateway } from "./app.ts";
import type { GatewayDeps } from "./deps.ts";

const SECRET = "a secret of the tests";
const ring = createKeyRing({ secretKey: SECRET });

/** Six people and six items; u1 .. u3 and u4 .. u6 have tastes of their own, everybody has `all`. */
export function sampleRows(): InteractionRow[] {
  const had: Record<string, string[]> = {
    u1: ["a1", "a2"],
    u2: ["a1", "a2", "a3"],
    u3: ["a2", "a3"],
    u4: ["b1", "b2"],
    u5: ["b1", "b2"],
    u6: ["b2"],
  };
  return Object.entries(had).flatMap(([user_id, items]) =>
    [...items, "all"].map((item_id) => ({ user_id, item_id, weight: 1 })),
  );
}

interface VersionOptions {
  kind?: string;
  rows?: InteractionRow[];
}

/** Trains, signs and writes the next version of a model; the row that is still to be registered. */
export async function writeVersion(
  model: Pick<TrainedModel, "id" | "project_id" | "last_version">,
  to: Parameters<typeof writeArtefact>[1],
  { kind: name = "item-knn", rows = sampleRows() }: VersionOptions = {},
): Promise<NewTrainedModelVersion> {
  const kind = modelKinds[name];
  if (kind === undefined) throw new Error(`no kind ${name}`);
  const trained = await kind.train(buildInteractions(rows), {}, { random: () => 0.5 });
  const { metadata, tensors } = kind.encode(trained);
  const common = {
    project_id: model.project_id,
    version: model.last_version + 1,
    data_digest: "ab".repeat(32),
    metrics: {},
  };
  const full: ModelMetadata = {
    ...metadata,
    ...common,
    model_id: model.id,
    created_at: "2026-01-31T12:00:00.000Z",
    rows: rows.length,
  };
  const { file, sha256, bytes } = await writeArtefact({ metadata: full, tensors }, to);
  const data = { data_rows: rows.length, data_from: null, data_to: null, git_version: null };
  const of = { trained_model_id: model.id, kind: name, file, sha256, bytes, parameters: {} };
  return { ...common, ...of, ...data };
}

interface TrainOptions extends VersionOptions {
  /** Damages what was written. */
  corrupt?: boolean;
  /** False: registered, not promoted. */
  serve?: boolean;
}

/** Writes and registers the next version. */
async function trainVersion(
  stores: Pick<TrainingStores, "modelCatalogue"> & { files: ReturnType<typeof createFiles> },
  model: TrainedModel,
  { corrupt = false, serve = true, ...options }: TrainOptions = {},
) {
  const version = await writeVersion(model, { ring, files: stores.files }, options);
  if (corrupt) stores.files.damage(version.file);
  return stores.modelCatalogue.register(version, { serve });
}

/** Files in memory that can be damaged, removed or out of reach. */
function createFiles() {
  const files = createMemoryModelFiles();
  const damaged = new Set<string>();
  const state = { away: false };
  return {
    ...files,
    damage: (path: string) => void damaged.add(path),
    mend: () => damaged.clear(),
    state,
    read: async (path: string, options: Parameters<typeof files.read>[1]) => {
      if (state.away) throw new UnavailableError("files", "/srv/secret/place: EIO");
      const bytes = await files.read(path, options);
      if (damaged.has(path)) bytes[bytes.length - 1]! ^= 1;
      return bytes;
    },
  };
}

/** @param change may replace what the gateway stands on. */
export async function openWorld(change: (deps: GatewayDeps) => Partial<GatewayDeps> = () => ({})) {
  const clock = createManualClock();
  const { now } = clock;
  const lines: string[] = [];
  const kit = {
    logger: createLogger({ service: "test", level: "info", write: (line) => lines.push(line) }),
    metrics: createMetrics("test"),
    now,
    newId: randomUUID,
  };
  const bus = createMemoryBus({ now });
  const projects = createMemoryProjects({ now });
  const keys = createMemoryKeys({ projects, now });
  const stores = createMemoryTraining({ projects, now, newId: randomUUID });
  const files = createFiles();
  const pepper = derivePepper(SECRET);
  const limiter = createMemoryRateLimiter({ now });
  const authenticator = createAuthenticator({ keys, pepper, now, logger: kit.logger, limiter });
  const deps: GatewayDeps = {
    kit,
    version: "test",
    state: () => "running",
    authenticator,
    ...stores,
    modelFiles: files,
    ring,
    checker: createInlineChecker(),
    limiter,
    bus,
    random: () => 0.5,
    settings: { rateLimit: { count: 1_000, windowMs: 60_000 } },
  };

  async function issue(projectId: number, scopes: Scope[], expiresAt?: string) {
    const { key, prefix, hash } = mintKey(pepper);
    const given = { projectId, name: "k", kind: "api" as const, scopes, prefix, hash };
    const record = await keys.create({ ...given, ...(expiresAt ? { expiresAt } : {}) });
    return { key, id: record.id };
  }

  const project = await projects.create("shop");
  const other = await projects.create("other");
  const { key, id: keyId } = await issue(project.id, ["predict"]);
  const app = createInferenceGateway({ ...deps, ...change(deps) });

  return {
    app,
    deps,
    clock,
    bus,
    stores,
    files,
    keys,
    pepper,
    authenticator,
    project,
    other,
    key,
    keyId,
    lines,
    issue,
    metrics: kit.metrics,
    /** A model with one version that serves. */
    async model(options: TrainOptions & { projectId?: number } = {}) {
      const project_id = options.projectId ?? project.id;
      const model = await stores.modelCatalogue.create({
        project_id,
        kind: options.kind ?? "auto",
      });
      await trainVersion({ ...stores, files }, model, options);
      return model.id;
    },
    /** The next version of a model. */
    async retrain(id: number, options: TrainOptions = {}) {
      const model = await stores.modelCatalogue.get(id);
      if (model === undefined) throw new Error(`no model ${id}`);
      return trainVersion({ ...stores, files }, model, options);
    },
    slot: (trained_model_id: number, weight = 100, name = `slot of ${trained_model_id}`) =>
      stores.deploymentSlots.create({
        project_id: project.id,
        name,
        trained_model_id,
        weight,
        is_active: true,
      }),
    post(path: string, body: unknown, options: { key?: string | null; raw?: string } = {}) {
      const { key: presented = key, raw = JSON.stringify(body) } = options;
      const headers = new Headers({ "content-type": "application/json" });
      if (presented !== null) headers.set("x-api-key", presented);
      const request = new Request(`http://test${path}`, { method: "POST", headers, body: raw });
      return Promise.resolve(app.fetch(request));
    },
    get: (path: string) => Promise.resolve(app.fetch(new Request(`http://test${path}`))),
    async close() {
      await app.close();
      await bus.close();
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;
