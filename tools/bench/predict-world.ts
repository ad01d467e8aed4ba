import { createHash, pbkdf2Sync, randomBytes, randomUUID } from "node:crypto";

import { createFileModelWriter } from "@signalpath/adapter-files";
import {
  createPostgresKeys,
  createPostgresTraining,
  openPostgres,
} from "@signalpath/adapter-postgres";
import { encodeStrings, sortForSearch } from "@signalpath/contracts";
import { createKeyRing, writeArtefact } from "@signalpath/model-loader";
import { buildInteractions, itemKnn, modelKinds, popular, type Model } from "@signalpath/models";
import { derivePepper, mintKey } from "@signalpath/service-kit";
import type { Stack } from "@signalpath/stack/stack.ts";

export const USERS = 5_000;
const ITEMS = 10_000;
const EACH = 30;
/** Iterations of the keys that Recotem made. */
const LEGACY_ITERATIONS = 870_000;

/** What the gateway's benches write: keys, artefacts, rows and slots. */
export async function openPredictWorld(stack: Stack, media: string) {
  const secret = stack.env["SECRET_KEY"] ?? "";
  const database = openPostgres(stack.env["DATABASE_URL"] ?? "", { max: 2, onError: () => {} });
  const now = Date.now;
  const keys = createPostgresKeys(database.db, { now });
  const stores = createPostgresTraining(database.db, { now, newId: randomUUID });
  const ring = createKeyRing({ secretKey: secret });
  const files = createFileModelWriter(media);
  const pepper = derivePepper(secret);
  const project = (await keys.list({ offset: 0, limit: 1 })).keys[0]?.projectId ?? 0;

  return {
    project,
    /** A new key that may predict; a legacy one costs its first verification a stretched hash. */
    async key(legacy: boolean): Promise<string> {
      const { key, prefix, hash } = mintKey(pepper);
      const stored = legacy ? djangoHash(key) : hash;
      const given = { projectId: project, name: randomUUID(), kind: "api" as const };
      await keys.create({ ...given, scopes: ["predict"], prefix, hash: stored });
      return key;
    },
    /** Signs, writes and serves the next version of a new model. */
    async deploy(model: Model): Promise<{ id: number; bytes: number }> {
      const kind = modelKinds[model.kind];
      if (kind === undefined) throw new Error(`no kind ${model.kind}`);
      const row = await stores.modelCatalogue.create({ project_id: project, kind: model.kind });
      const { metadata, tensors } = kind.encode(model);
      const facts = { project_id: project, version: 1, data_digest: "0".repeat(64), metrics: {} };
      const rows = model.history.indices.length;
      const full = {
        ...metadata,
        ...facts,
        model_id: row.id,
        created_at: new Date().toISOString(),
        rows,
      };
      const { file, sha256, bytes } = await writeArtefact(
        { metadata: full, tensors },
        { ring, files },
      );
      await stores.modelCatalogue.register(
        {
          ...facts,
          trained_model_id: row.id,
          kind: model.kind,
          file,
          sha256,
          bytes,
          parameters: {},
          data_rows: rows,
          data_from: null,
          data_to: null,
          git_version: null,
        },
        { serve: true },
      );
      return { id: row.id, bytes };
    },
    slot: (trained_model_id: number) =>
      stores.deploymentSlots.create({
        project_id: project,
        name: "bench",
        trained_model_id,
        weight: 100,
        is_active: true,
      }),
    close: () => database.close(),
  };
}

/** Neighbours of 10,000 items from 5,000 users with 30 each. */
export function trainNeighbours(): Promise<Model> {
  const rows = Array.from({ length: USERS * EACH }, (_unused, at) => ({
    user_id: `user-${Math.floor(at / EACH)}`,
    item_id: `item-${(Math.imul(at, 2_654_435) >>> 8) % ITEMS}`,
    weight: 1,
  }));
  return itemKnn.train(buildInteractions(rows), {}, { random: () => 0.5 });
}

/** A large artefact without a training: `entries` of history at 8 bytes each. */
export function largeModel(entries: number): Model {
  const [users, items] = [1_000, ITEMS];
  const names = (what: string, count: number) =>
    encodeStrings(sortForSearch(Array.from({ length: count }, (_unused, at) => `${what}-${at}`)));
  const each = Math.min(items, Math.floor(entries / users));
  return {
    kind: popular.name,
    users: names("user", users),
    items: names("item", items),
    history: {
      indptr: Uint32Array.from({ length: users + 1 }, (_unused, at) => at * each),
      indices: Uint32Array.from({ length: users * each }, (_unused, at) => at % each),
      values: new Float32Array(users * each).fill(1),
    },
    hyperparameters: { ...popular.defaults },
    core: { popularity: Float32Array.from({ length: items }, (_unused, at) => at + 1) },
  };
}

function djangoHash(key: string): string {
  const salt = createHash("sha256").update(randomBytes(16)).digest("hex").slice(0, 22);
  const hash = pbkdf2Sync(key, salt, LEGACY_ITERATIONS, 32, "sha256").toString("base64");
  return `pbkdf2_sha256$${LEGACY_ITERATIONS}$${salt}$${hash}`;
}
