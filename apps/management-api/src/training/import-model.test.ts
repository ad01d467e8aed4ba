import { subjects, trainedModelVersion, type ModelMetadata } from "@signalpath/contracts";
import { EMBEDDING_KIND, encodeEmbedding, trainEmbedding } from "@signalpath/embeddings";
import {
  createInlineChecker,
  createKeyRing,
  openArtefact,
  signArtefact,
  type KeyRing,
} from "@signalpath/model-loader";
import { buildInteractions, createRandom, popular } from "@signalpath/models";
import { afterEach, beforeEach, expect, test } from "vitest";

import { openWorld, type World } from "../test-world.ts";
import { json, V1 } from "./test-calls.ts";

const RING = createKeyRing({ secretKey: "secret of the tests" });

let world: World;
let heard: unknown[];
beforeEach(async () => {
  world = await openWorld();
  heard = [];
  await world.bus.hear(subjects.modelTrained.name, ({ body }) => void heard.push(JSON.parse(body)));
});
afterEach(() => world.close());

/** A small model, signed elsewhere. */
async function artefact(ids: Partial<ModelMetadata> = {}, ring: KeyRing = RING) {
  const rows = [1, 2, 3].map((at) => ({ user_id: "u", item_id: `i${at}`, weight: at }));
  const model = await popular.train(buildInteractions(rows), {}, { random: () => 0.5 });
  const { metadata, tensors } = popular.encode(model);
  const full: ModelMetadata = {
    model_id: 7,
    project_id: 9,
    version: 4,
    created_at: "2026-01-31T12:00:00.000Z",
    data_digest: "ab".repeat(32),
    rows: 3,
    metrics: { "ndcg@20": 0.2 },
    ...metadata,
    ...ids,
  };
  return signArtefact({ metadata: full, tensors }, ring).bytes;
}

async function send(bytes: Uint8Array, query = "", status = 201, key = world.writeKey) {
  const response = await world.request("POST", `${V1}/trained_model/import/${query}`, {
    key,
    body: bytes,
  });
  expect(response.status, await response.clone().text()).toBe(status);
  return json(response);
}

const models = async () => (await world.modelCatalogue.list({ offset: 0, limit: 9 })).rows;

test("becomes the first version of a new model, signed with the ids of its row", async () => {
  const answer = await send(await artefact(), "?name=from-python&serve=true");
  const row = trainedModelVersion.parse(answer);
  expect(row).toMatchObject({ version: 1, serving: true, kind: "popular", data_rows: 3 });
  expect(row).toMatchObject({ metrics: { "ndcg@20": 0.2 }, training_run: null });
  const [model] = await models();
  expect(model).toMatchObject({ id: row.trained_model, name: "from-python", version: 1 });
  const found = await openArtefact(
    { ...row, model_id: row.trained_model, project_id: 1 },
    { files: world.modelFiles, ring: RING, checker: createInlineChecker() },
  );
  expect(popular.score(popular.decode(found), { seedItems: [] }, { k: 1 })).toMatchObject([
    { item_id: "i3" },
  ]);
  await expect.poll(() => heard).toHaveLength(1);
  expect(heard).toEqual([
    { event: "model_trained", model_id: model?.id, project_id: 1, version: 1, sha256: row.sha256 },
  ]);
});

test("keeps its bytes where its ids are those of the next version", async () => {
  const { trained_model: id } = trainedModelVersion.parse(await send(await artefact()));
  const bytes = await artefact({ model_id: id, project_id: 1, version: 2 });
  const row = trainedModelVersion.parse(await send(bytes, `?trained_model=${id}`));
  expect(row).toMatchObject({ trained_model: id, version: 2, serving: false });
  expect(await world.modelFiles.read(row.file, { maxBytes: 1e6 })).toEqual(new Uint8Array(bytes));
  expect(heard).toEqual([]);
});

test("whoever can only verify says which ids it must have", async () => {
  await world.close();
  const verifies = { ...RING, signer: undefined };
  world = await openWorld(() => ({ ring: verifies }));
  const refused = await send(await artefact(), "", 422);
  expect(refused).toMatchObject({ code: "MODEL_FILE_REFUSED" });
  expect(String(refused["detail"])).toMatch(/MODEL_MISMATCH.*version 1 of model \d+ of project 1/);
  expect(await models()).toEqual([]);
  const { id } = await world.modelCatalogue.create({ project_id: 1, kind: "popular" });
  const right = await artefact({ model_id: id, project_id: 1, version: 1 });
  await send(right, `?trained_model=${id}`);
});

test("what is not signed by a known key, changed, cut or no model leaves nothing behind", async () => {
  const good = await artefact();
  const changed = Uint8Array.from(good);
  changed[changed.length - 1]! ^= 1;
  const strange = await artefact({ kind: "unheard-of" });
  const empty = signArtefact({ metadata: { ...BARE, kind: "popular" }, tensors: [] }, RING).bytes;
  const other = createKeyRing({ secretKey: "a secret of somebody else" });
  for (const [bytes, code] of [
    [await artefact({}, other), "MODEL_KEY_UNKNOWN"],
    [changed, "MODEL_SIGNATURE_INVALID"],
    [good.subarray(0, 100), "MODEL_TRUNCATED"],
    [Buffer.from("user_id,item_id\n"), "MODEL_NOT_AN_ARTEFACT"],
    [strange, "MODEL_KIND_UNKNOWN"],
    [empty, "MODEL_DECODE_FAILED"],
  ] as const) {
    const refused = await send(bytes, "?serve=true", 422);
    expect(refused, code).toMatchObject({ code: "MODEL_FILE_REFUSED", errors: [{ path: code }] });
  }
  expect(await models()).toEqual([]);
  expect(heard).toEqual([]);
});

test("an embedding is taken with its space, as a model of its own kind", async () => {
  const items = ["a", "b", "c"].map((label, i) => ({
    item_id: `i${i}`,
    title: "",
    tags: [
      { facet: "t", label },
      { facet: "t", label: "all" },
    ],
  }));
  const space = encodeEmbedding(await trainEmbedding(items, { random: createRandom(1, "space") }));
  const metadata = { ...BARE, kind: EMBEDDING_KIND, hyperparameters: space.hyperparameters };
  const full = { ...metadata, embedding_space: space.spaceId };
  const { bytes } = signArtefact({ metadata: full, tensors: space.tensors }, RING);
  const row = trainedModelVersion.parse(await send(bytes, "?serve=true"));
  const found = await openArtefact(
    { ...row, model_id: row.trained_model, project_id: 1 },
    { files: world.modelFiles, ring: RING, checker: createInlineChecker() },
  );
  expect(found.metadata.embedding_space).toBe(space.spaceId);
  const nameless = signArtefact({ metadata, tensors: space.tensors }, RING).bytes;
  const codes = async (body: Uint8Array, query: string) => (await send(body, query, 422))["errors"];
  expect(await codes(nameless, "")).toMatchObject([{ path: "MODEL_DECODE_FAILED" }]);
  const other = await artefact();
  expect(await codes(other, `?trained_model=${row.trained_model}`)).toMatchObject([
    { path: "MODEL_MISMATCH" },
  ]);
});

test("keys, projects and names are judged as everywhere", async () => {
  const bytes = await artefact();
  await send(bytes, "", 403, world.readKey);
  await send(bytes, "?project=2", 404);
  await send(bytes, "?trained_model=77", 404);
  await send(bytes, "?name=a");
  expect(await send(bytes, "?name=a", 409)).toMatchObject({ code: "CONFLICT" });
  expect(await models()).toHaveLength(1);
  const { id } = await world.projects.create("other");
  const foreign = await world.modelCatalogue.create({ project_id: id, kind: "popular" });
  await send(bytes, `?trained_model=${foreign.id}`, 404);
  await send(bytes, `?trained_model=${foreign.id}&project=1`, 404, world.adminKey);
});

test("few are taken in at one time, and of the others few wait", async () => {
  const bytes = await artefact();
  const opened: ReadableStreamDefaultController<Uint8Array>[] = [];
  const slow = (at: number) =>
    world.request("POST", `${V1}/trained_model/import/?name=slow-${at}`, {
      key: world.writeKey,
      body: new ReadableStream<Uint8Array>({ start: (each) => void opened.push(each) }),
    });
  const answers = Array.from({ length: 11 }, (_, at) => slow(at));
  const first = await Promise.race(answers);
  expect(first.status).toBe(503);
  expect(first.headers.get("retry-after")).toBe("5");
  expect(await json(first)).toMatchObject({ code: "OVERLOADED" });
  for (const each of opened) {
    each.enqueue(Uint8Array.from(bytes));
    each.close();
  }
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([
    ...Array.from({ length: 10 }, () => 201),
    503,
  ]);
  await send(bytes, "?name=later");
});

const BARE = {
  model_id: 7,
  project_id: 9,
  version: 4,
  created_at: "2026-01-31T12:00:00.000Z",
  data_digest: "ab".repeat(32),
  rows: 3,
  hyperparameters: { half_life_days: 0 },
  metrics: {},
} satisfies Omit<ModelMetadata, "kind">;
