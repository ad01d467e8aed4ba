import { randomUUID } from "node:crypto";

import { createFileModelWriter } from "@signalpath/adapter-files";
import { openBackends, type Backends } from "@signalpath/backends";
import { subjects } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";
import { EMBEDDING_KIND, encodeEmbedding, trainEmbedding } from "@signalpath/embeddings";
import { createKeyRing, writeArtefact } from "@signalpath/model-loader";
import { buildInteractions, createRandom, itemKnn } from "@signalpath/models";
import { sha256 } from "@signalpath/service-kit";
import type { Stack } from "@signalpath/stack/stack.ts";

import { benchItem } from "./bodies.ts";
import { send, until } from "./http.ts";

export const ITEMS = 10_000;
const DIMENSIONS = 64;
const PEOPLE = 2_000;
const LIKES_EACH = 60;
/** Likes that make items trend, of people nobody asks for. */
const TRENDING_LIKES = 2_000;

/** Everything a list may be made with: catalogue, space, trained model, rules, what trends. */
export async function openSources(stack: Stack): Promise<void> {
  await importItems(stack);
  const backends = await openBackends(
    { NODE_ENV: "development", ...stack.env },
    {
      service: "bench",
      now: Date.now,
      sha256,
      warn: () => {},
      onError: (error, what) => console.error(what, error),
      mintKey: () => {
        throw new Error("the stack has its keys");
      },
    },
  );
  try {
    await serveEmbedding(stack, backends);
    await makeRules(stack, await serveModel(stack, backends));
  } finally {
    await backends.close();
  }
  await makeTrends(stack);
}

async function importItems(stack: Stack): Promise<void> {
  const url = `${stack.apps["management-api"].url}/api/content`;
  for (let from = 0; from < ITEMS; from += 1_000) {
    const items = Array.from({ length: 1_000 }, (_unused, i) => benchItem(from + i));
    await send("PUT", url, { "x-api-key": stack.keys.api }, { items });
  }
}

interface Trained {
  kind: string;
  metadata: { hyperparameters: Record<string, unknown>; embedding_space?: string };
  tensors: Parameters<typeof writeArtefact>[0]["tensors"];
}

/** Signs and registers a version that serves; answers its model. */
async function register(
  stack: Stack,
  { modelCatalogue, bus, projects }: Backends,
  { kind, metadata, tensors }: Trained,
): Promise<{ model_id: number; project_id: number }> {
  const project_id = (await projects.list({ offset: 0, limit: 1 })).projects[0]!.id;
  const { id: model_id } = await modelCatalogue.create({ project_id, kind, name: `bench ${kind}` });
  const facts = { project_id, version: 1, data_digest: "00".repeat(32), metrics: {} };
  const created_at = new Date().toISOString();
  const written = await writeArtefact(
    { metadata: { ...metadata, ...facts, kind, model_id, created_at, rows: 0 }, tensors },
    {
      ring: createKeyRing({ secretKey: stack.env["SECRET_KEY"] ?? "" }),
      files: createFileModelWriter(stack.env["MEDIA_ROOT"] ?? ""),
    },
  );
  const { file, sha256: digest, bytes } = written;
  const nothing = { data_rows: 0, data_from: null, data_to: null, git_version: null };
  const artefact = {
    trained_model_id: model_id,
    kind,
    file,
    sha256: digest,
    bytes,
    parameters: {},
  };
  await modelCatalogue.register({ ...facts, ...artefact, ...nothing }, { serve: true });
  const told = { event: "model_trained" as const, model_id, project_id, version: 1 };
  await bus.publish(subjects.modelTrained, { ...told, sha256: digest });
  return { model_id, project_id };
}

/** A space of tags and words; waits until the lists are in it. */
async function serveEmbedding(stack: Stack, backends: Backends): Promise<void> {
  const items = Array.from({ length: ITEMS }, (_unused, i) => {
    const { vector: _vector, ...item } = benchItem(i) as unknown as ContentItem;
    return item;
  });
  const random = createRandom(7, "embedding");
  const encoded = encodeEmbedding(await trainEmbedding(items, { dimensions: DIMENSIONS, random }));
  const { hyperparameters, spaceId: embedding_space, tensors } = encoded;
  const metadata = { hyperparameters, embedding_space };
  await register(stack, backends, { kind: EMBEDDING_KIND, metadata, tensors });
  await until(async () => {
    const { diagnostics } = await listOf(stack, `nobody-${randomUUID()}`);
    return diagnostics.space === embedding_space || undefined;
  });
}

/** Item-kNN over people who like items of one region of the catalogue; waits until it serves. */
async function serveModel(stack: Stack, backends: Backends): Promise<number> {
  const random = createRandom(7, "likes");
  const rows = Array.from({ length: PEOPLE }, (_unused, person) => {
    const home = Math.floor(random() * ITEMS);
    return Array.from({ length: LIKES_EACH }, () => ({
      user_id: `trained-${person}`,
      item_id: `bench-${(home + Math.floor(400 * random() ** 2)) % ITEMS}`,
      weight: 1,
    }));
  }).flat();
  const trained = await itemKnn.train(buildInteractions(rows), {}, { random });
  const encoded = itemKnn.encode(trained);
  const { model_id, project_id } = await register(stack, backends, {
    kind: itemKnn.name,
    ...encoded,
  });
  const slot = { project_id, name: "bench", trained_model_id: model_id, weight: 100 };
  await backends.deploymentSlots.create({ ...slot, is_active: true });
  await backends.bus.publish(subjects.slotsChanged, { project_id });
  await until(async () => {
    const { diagnostics } = await listOf(stack, `nobody-${randomUUID()}`);
    return diagnostics.collaborative_model?.model_id === model_id || undefined;
  });
  return project_id;
}

/** One rule of each kind: a tag moved up and one down, an item pinned, an item taken out. */
async function makeRules(stack: Stack, project: number): Promise<void> {
  const url = `${stack.apps["management-api"].url}/api/v1/ranking_rule/`;
  for (const rule of [
    { name: "more of topic 3", kind: "boost", tag: "topic:topic 3", strength: 0.1 },
    { name: "less of topic 5", kind: "bury", tag: "topic:topic 5", strength: 0.1 },
    { name: "of the week", kind: "pin", item_id: "bench-9999", place: 4 },
    { name: "withdrawn", kind: "exclude", item_id: "bench-9998" },
  ]) {
    await send("POST", url, { "x-api-key": stack.keys.api }, { project, ...rule });
  }
}

async function makeTrends(stack: Stack): Promise<void> {
  const now = Date.now();
  const likes = Array.from({ length: TRENDING_LIKES }, (_unused, i) => ({
    type: "track",
    event: "Tip Feedback",
    messageId: `trend-${i}`,
    userId: `crowd-${i % 300}`,
    timestamp: new Date(now - (i % 100) * 3_600_000).toISOString(),
    properties: { item_id: `bench-${(i * i) % 777}`, reaction: "like" },
  }));
  for (let from = 0; from < likes.length; from += 500) {
    const url = `${stack.apps["ingest-webhook"].url}/api/ingest`;
    await send("POST", url, { "x-write-key": stack.keys.write }, likes.slice(from, from + 500));
  }
  await until(async () => {
    const { diagnostics } = await listOf(stack, `nobody-${randomUUID()}`);
    return (diagnostics.sources["trending"] ?? 0) > 0 || undefined;
  });
}

/** What a list says of itself. */
interface Told {
  diagnostics: {
    sources: Record<string, number>;
    space?: string;
    collaborative_model: { model_id: number } | null;
    rules?: unknown[];
  };
}

export function listOf(stack: Stack, user: string): Promise<Told> {
  const url = `${stack.apps.recommender.url}/api/recommend?user_id=${user}&limit=10`;
  return send<Told>("GET", url, { "x-api-key": stack.keys.api });
}
