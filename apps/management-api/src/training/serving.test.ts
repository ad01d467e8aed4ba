import {
  artefactFacts,
  servingChange,
  subjects,
  topics,
  trainedModelVersion,
  type ModelMetadata,
} from "@signalpath/contracts";
import { createKeyRing, signArtefact } from "@signalpath/model-loader";
import { buildInteractions, popular } from "@signalpath/models";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openWorld, type World } from "../test-world.ts";
import { createCalls, json, V1, type Calls } from "./test-calls.ts";

const RING = createKeyRing({ secretKey: "secret of the tests" });

let world: World;
let calls: Calls;
const send: Calls["send"] = (...call) => calls.send(...call);
const read: Calls["read"] = (...call) => calls.read(...call);
let foreignKey: string;
beforeEach(async () => {
  world = await openWorld();
  calls = createCalls(world);
  const { id } = await world.projects.create("other");
  foreignKey = await world.issue(id, ["read", "write"]);
});
afterEach(() => world.close());

type Bytes = Uint8Array<SharedArrayBuffer>;

/** Imports a small signed model; the row of its version. */
async function importOne(query: string) {
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
    metrics: {},
    parent: "7/3",
    ...metadata,
  };
  const answer = await world.request("POST", `${V1}/trained_model/import/${query}`, {
    key: world.writeKey,
    body: signArtefact({ metadata: full, tensors }, RING).bytes,
  });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return trainedModelVersion.parse(await json(answer));
}

/** The same answers under an app whose files are what `change` makes of them. */
async function withFile(change: (bytes: Bytes) => Bytes) {
  const state = { isOn: false };
  await world.close();
  world = await openWorld(({ modelFiles }) => ({
    modelFiles: {
      ...modelFiles,
      read: async (path, options) => {
        const bytes = await modelFiles.read(path, options);
        return state.isOn ? change(bytes) : bytes;
      },
    },
  }));
  calls = createCalls(world);
  return state;
}

describe("what a model served since when", () => {
  test("names runs, choices and ways back, newest first, page by page", async () => {
    const { id } = await calls.makeModel({ kind: "popular" });
    expect(await read(`trained_model/${id}/history/`)).toMatchObject({ count: 0, results: [] });
    await calls.finish(id, 1);
    await send("POST", `trained_model/${id}/retrain/`, {}, 202);
    await calls.finish(id, 2);
    await send("POST", `trained_model/${id}/promote/`, { version: 1 });
    await send("POST", `trained_model/${id}/promote/`, { version: 2 });
    const all = await read(`trained_model/${id}/history/`);
    const changes = all.results.map((row) => servingChange.parse(row));
    // Of the keys of the world the second one may write.
    const hand = { training_run: null, key_id: 2 };
    expect(changes).toMatchObject([
      { cause: "promotion", from_version: 1, to_version: 2, ...hand },
      { cause: "roll_back", from_version: 2, to_version: 1, ...hand },
      { cause: "run", from_version: 1, to_version: 2, training_run: 2, key_id: null },
      { cause: "run", from_version: null, to_version: 1, training_run: 1, key_id: null },
    ]);
    expect(changes.every((one) => one.trained_model === id)).toBe(true);
    const first = await read(`trained_model/${id}/history/?page_size=3`);
    expect(first).toMatchObject({ count: 4, previous: null });
    const next = await world.request("GET", String(first["next"]), { key: world.readKey });
    expect(await json(next)).toMatchObject({ next: null, results: [changes[3]] });
    await send("GET", `trained_model/${id}/history/`, undefined, 404, foreignKey);
    await send("GET", `trained_model/${id}/artefact/`, undefined, 404, foreignKey);
    await read("trained_model/99/history/", 404);
  });

  test("says what was imported, and what only lies there", async () => {
    const { trained_model: id } = await importOne("?serve=true");
    await importOne(`?trained_model=${id}`);
    const { results } = await read(`trained_model/${id}/history/`);
    expect(results).toMatchObject([{ cause: "import", from_version: null, to_version: 1 }]);
  });
});

describe("what a file says of itself", () => {
  test("is read and checked for each answer; gateways that hold the model are named", async () => {
    const row = await importOne("?serve=true");
    const path = `trained_model/${row.trained_model}/artefact/`;
    const facts = artefactFacts.parse(await read(path));
    expect(facts).toMatchObject({
      version: 1,
      serving: true,
      file: row.file,
      sha256: row.sha256,
      error: null,
      signature: { algorithm: "hmac-sha256" },
      header: { kind: "popular", rows: 3, parent: "7/3", embedding_space: null },
      loaded: [],
      gateways: 0,
    });
    expect(facts.header?.tensors.length).toBeGreaterThan(0);
    const model = { model_id: row.trained_model, project_id: 1, sha256: row.sha256 };
    const tell = (instance: string, version: number) =>
      world.bus.tell(topics.models, { instance, models: [{ ...model, version }] });
    tell("b", 1);
    tell("a", 2);
    world.bus.tell(topics.models, { instance: "c", models: [] });
    const held = async () => {
      const { loaded, gateways } = artefactFacts.parse(await read(path));
      return [gateways, loaded.map((one) => [one.instance, one.version, one.is_current])];
    };
    await expect.poll(held, { timeout: 30_000 }).toEqual([
      3,
      [
        ["a", 2, false],
        ["b", 1, true],
      ],
    ]);
    world.advance(10_000);
    tell("b", 1);
    world.advance(10_000);
    await expect.poll(held, { timeout: 30_000 }).toEqual([1, [["b", 1, true]]]);
    await read(`${path}?version=9`, 404);
    await read(`${path}?version=x`, 422);
    const { id: empty } = await calls.makeModel();
    await read(`trained_model/${empty}/artefact/`, 404);
  });

  test.each([
    ["changed", "MODEL_SIGNATURE_INVALID"],
    ["cut", "MODEL_TRUNCATED"],
    ["another, rightly signed", "MODEL_DIGEST_MISMATCH"],
  ])("one that is %s is refused by its code", async (how, code) => {
    const other: { bytes?: Bytes } = {};
    const state = await withFile((bytes) => {
      if (how === "cut") return bytes.subarray(0, 100);
      if (how !== "changed") return other.bytes ?? bytes;
      bytes[bytes.length - 1]! ^= 1;
      return bytes;
    });
    const row = await importOne("?serve=true");
    const second = await importOne(`?trained_model=${row.trained_model}`);
    other.bytes = await world.modelFiles.read(second.file, { maxBytes: 1e6 });
    const path = `trained_model/${row.trained_model}/artefact/?version=1`;
    expect(await read(path)).toMatchObject({ error: null });
    state.isOn = true;
    const refused = artefactFacts.parse(await read(path));
    expect(refused).toMatchObject({ error: { code }, signature: null, header: null });
    expect(refused).toMatchObject({ sha256: row.sha256, serving: true });
  });

  test("one that is not there", async () => {
    const { id } = await calls.makeModel({ kind: "popular" });
    await calls.finish(id, 1);
    const facts = await read(`trained_model/${id}/artefact/`);
    expect(facts).toMatchObject({ error: { code: "MODEL_FILE_MISSING" }, header: null });
  });
});

describe("a shadow goes live", () => {
  const slot = (name: string, rest: object = {}) => ({ project: 1, name, ...rest });

  test("and the slots it replaces stop, in one step that gateways hear of", async () => {
    const { id: trained_model } = await calls.makeModel({ kind: "popular" });
    const main = await send("POST", "deployment_slot/", slot("main", { trained_model }), 201);
    expect(main).toMatchObject({ is_shadow: false });
    const shadow = await send(
      "POST",
      "deployment_slot/",
      slot("next", { trained_model, weight: 5, is_shadow: true }),
      201,
    );
    expect(shadow).toMatchObject({ is_shadow: true, weight: 5 });
    expect(await world.deploymentSlots.routing(1)).toMatchObject({
      slots: [{ id: main["id"] }],
      shadows: [{ id: shadow["id"] }],
    });
    const heard = await calls.heardOf<{ project_id: number }>(subjects.slotsChanged);
    const path = `deployment_slot/${String(shadow["id"])}/promote/`;
    // A slot of nobody is among those to be switched off: nothing happens at all.
    const wrong = { switch_off: [main["id"], 99] };
    expect(await send("POST", path, wrong, 409)).toMatchObject({ code: "CONFLICT" });
    expect(await read(`deployment_slot/${String(main["id"])}/`)).toMatchObject({ is_active: true });
    expect(heard).toEqual([]);
    const live = await send("POST", path, { weight: 80, switch_off: [main["id"]] });
    expect(live).toMatchObject({ is_shadow: false, is_active: true, weight: 80 });
    expect(await world.deploymentSlots.routing(1)).toMatchObject({
      slots: [{ id: shadow["id"], weight: 80 }],
      shadows: [],
    });
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual([{ project_id: 1 }]);
    expect(await send("POST", path, {}, 409)).toMatchObject({ code: "CONFLICT" });
    await send("POST", path, {}, 404, foreignKey);
    await send("POST", path, {}, 403, world.readKey);
    await send("POST", path, { weight: 101 }, 422);
  });
});
