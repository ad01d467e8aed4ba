import { gzipSync } from "node:zlib";

import {
  deploymentSlot,
  modelConfiguration,
  retrainingSchedule,
  subjects,
  trainedModel,
  trainedModelVersion,
  trainingRunDetail,
} from "@signalpath/contracts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "../test-world.ts";
import { createCalls, CSV, form, json, V1, type Calls } from "./test-calls.ts";

let world: World;
let calls: Calls;
const send: Calls["send"] = (...call) => calls.send(...call);
const read: Calls["read"] = (...call) => calls.read(...call);
const upload: Calls["upload"] = () => calls.upload();
const makeModel: Calls["makeModel"] = (body) => calls.makeModel(body);
let foreign: { id: number; key: string };
beforeEach(async () => {
  world = await openWorld();
  calls = createCalls(world);
  const { id } = await world.projects.create("other");
  foreign = { id, key: await world.issue(id, ["read", "write"]) };
});
afterEach(() => world.close());

describe("training data", () => {
  test("a form, gzip or not, and a plain body give the same upload", async () => {
    const first = await upload();
    expect(first).toMatchObject({ project: 1, filename: "r.csv", rows: 3, users: 2, items: 2 });
    expect(first.columns).toEqual(["user_id", "item_id", "weight", "timestamp"]);
    const packed = form(gzipSync(CSV), "r.csv.gz", {});
    const raw = `training_data?filename=r.tsv&project=1`;
    for (const [path, body] of [
      ["training_data", packed],
      [raw, CSV.replaceAll(",", "\t")],
    ] as const) {
      expect(await send("POST", path, body, 201)).toMatchObject({ rows: 3, digest: first.digest });
    }
    const typed = await world.request("POST", `${V1}/training_data/`, {
      key: world.writeKey,
      body: '{"user_id": "u", "item_id": 7}',
      headers: { "content-type": "application/x-ndjson" },
    });
    expect(await json(typed)).toMatchObject({ filename: "upload.jsonl", rows: 1 });
    expect(await read(`training_data/${first.id}`)).toEqual(first);
    expect(await read(`training_data/${first.id}/preview/?n_rows=1`)).toEqual({
      rows: [{ user_id: "u1", item_id: "i1", weight: 5, timestamp: "2026-06-12T12:00:00.000Z" }],
    });
    const page = await read("training_data/?page_size=2");
    expect(page).toMatchObject({ count: 4, previous: null });
    const next = await world.request("GET", String(page["next"]), { key: world.readKey });
    expect(await json(next)).toMatchObject({ next: null, results: [{}, {}] });
  });

  test("bad rows are named by line and nothing is stored", async () => {
    const bad = await send(
      "POST",
      "training_data/",
      form(`${CSV},x,1,1\nu,i,no,1\n`, "r.csv"),
      422,
    );
    expect(bad).toMatchObject({
      code: "VALIDATION_FAILED",
      errors: [
        { path: "5.user_id", message: "empty" },
        { path: "6.weight", message: "not a number above 0" },
      ],
    });
    expect(bad["detail"]).toBe("2 bad rows of 5, nothing was stored");
    expect(await read("training_data/")).toMatchObject({ count: 0, results: [] });
  });

  test("what is no file of rows", async () => {
    const empty = new FormData();
    empty.set("project", "1");
    for (const body of [empty, form(CSV, "r.parquet"), form("", "r.csv"), form("x", "r.json")]) {
      expect(await send("POST", "training_data/", body, 422)).toHaveProperty("code");
    }
    const broken = await world.request("POST", `${V1}/training_data/`, {
      key: world.writeKey,
      body: "--x\r\nbroken",
      headers: { "content-type": "multipart/form-data; boundary=x" },
    });
    expect(broken.status).toBe(422);
    const late = new FormData();
    late.set("file", new Blob([CSV]), "r.csv");
    late.set("project", String(foreign.id));
    await send("POST", "training_data/", late, 422, world.adminKey);
    const large = await world.request("POST", `${V1}/training_data/`, {
      key: world.writeKey,
      body: CSV,
      headers: { "content-type": "text/csv", "content-length": String(3 * 1024 ** 3) },
    });
    expect(large.status).toBe(413);
    expect(await read("training_data/")).toMatchObject({ count: 0 });
  });
});

describe("trained models", () => {
  test("are asked for, trained, trained anew and rolled back", async () => {
    const asked = await calls.heardOf(subjects.trainingRequested);
    const changed = await calls.heardOf(subjects.slotsChanged);
    const { id: training_data } = await upload();
    const wish = { kind: "ials", parameters: { factors: 8 }, tune: { trials: 3 }, seed: 7 };
    const made = await makeModel({ ...wish, source: undefined, training_data, name: "films" });
    expect(made).toMatchObject({ name: "films", version: null, status: "PENDING", progress: 0 });
    const run = { project_id: 1, training_run_id: made.training_run, trained_model_id: made.id };
    await vi.waitFor(() => expect(asked).toEqual([run]));
    await calls.finish(made.id, 1);
    const trained = trainedModel.parse(await read(`trained_model/${made.id}`));
    expect(trained).toMatchObject({
      version: 1,
      status: "COMPLETED",
      kind: "ease",
      progress: 1,
      file: `${made.id}/1-0123456789ab.spm`,
    });
    const again = await send("POST", `trained_model/${made.id}/retrain`, { seed: 8 }, 202);
    expect(again).toMatchObject({ id: made.id, version: 1, last_version: 1, status: "PENDING" });
    const detail = trainingRunDetail.parse(
      await read(`training_run/${String(again["training_run"])}/`),
    );
    expect(detail).toMatchObject({ ...wish, seed: 8, training_data, trigger: "retrain", logs: [] });
    await calls.finish(made.id, 2);
    expect(await read(`trained_model/${made.id}/`)).toMatchObject({ version: 2 });
    const back = await send("POST", `trained_model/${made.id}/promote/`, { version: 1 });
    expect(back).toMatchObject({ version: 1, last_version: 2 });
    await vi.waitFor(() => expect(changed).toEqual([{ project_id: 1 }]));
    const { results } = await read(`trained_model/${made.id}/versions/`);
    expect(results.map((row) => trainedModelVersion.parse(row).serving)).toEqual([false, true]);
    await send("POST", `trained_model/${made.id}/promote/`, { version: 3 }, 404);
    const runs = await read(`training_run/?trained_model=${made.id}&page_size=1`);
    expect(runs).toMatchObject({
      count: 2,
      next: `${V1}/training_run/?trained_model=${made.id}&page=2&page_size=1`,
    });
    const logs = await read(`training_run/${made.training_run}/logs/?limit=1`);
    expect(logs).toMatchObject({ logs: [{ sequence: 1, message: "fitted 1" }], next: 1 });
  });

  test("refuse what makes no sense", async () => {
    for (const body of [
      {},
      { source: "archive", training_data: 1 },
      { source: "training_data" },
      { source: "archive", kind: "magic" },
      { source: "archive", tune: { trials: 0 } },
      { source: "archive", extra: 1 },
      { training_data: 99 },
      { source: "archive", model_configuration: 99 },
    ]) {
      await send("POST", "trained_model/", { project: 1, ...body }, 422);
    }
    expect((await read("trained_model/"))["count"]).toBe(0);
    await makeModel({ name: "a" });
    await send("POST", "trained_model/", { project: 1, source: "archive", name: "a" }, 409);
  });

  test("what no trainer could train is refused where it is asked for, field by field", async () => {
    const archive = { project: 1, source: "archive" };
    const refused = async (path: string, body: object, method = "POST") =>
      (await send(method, path, body, 422))["errors"];
    const wrong = { lambda: -1, magic: 1, half_life_items: "long" };
    const paths = ["lambda", "magic", "half_life_items"];
    expect(
      await refused("trained_model/", { ...archive, kind: "ease", parameters: wrong }),
    ).toMatchObject(paths.map((one) => ({ path: `parameters.${one}` })));
    const part = { kind: "blend", parameters: { ease: { lambda: "much" } } };
    expect(await refused("trained_model/", { ...archive, ...part })).toMatchObject([
      { path: "parameters.ease.lambda", message: expect.stringContaining("a number in") },
    ]);
    expect(
      await refused("trained_model/", { ...archive, parameters: { kinds: ["magic"] } }),
    ).toMatchObject([{ path: "parameters.kinds" }]);
    expect((await read("trained_model/"))["count"]).toBe(0);
    const named = { project: 1, name: "c", recommender_class_name: "ease" };
    expect(
      await refused("model_configuration/", { ...named, parameters_json: wrong }),
    ).toMatchObject(paths.map((one) => ({ path: `parameters_json.${one}` })));
    const made = await send("POST", "model_configuration/", named, 201);
    const { id } = modelConfiguration.parse(made);
    // Parameters of one kind are none of another.
    const kept = { parameters_json: { lambda: 5 } };
    await send("PATCH", `model_configuration/${id}/`, kept);
    const ials = { recommender_class_name: "ials" };
    expect(await refused(`model_configuration/${id}/`, ials, "PATCH")).toMatchObject([
      { path: "parameters_json.lambda" },
    ]);
    const model = await makeModel({ kind: "ease", parameters: { lambda: 5 } });
    expect(
      await refused(`trained_model/${model.id}/retrain/`, { parameters: { lambda: -5 } }),
    ).toMatchObject([{ path: "parameters.lambda" }]);
    await send("POST", `trained_model/${model.id}/retrain/`, { seed: 2 }, 202);
  });

  test("take kind and parameters from a configuration; a run can be cancelled, a model removed", async () => {
    const named = { project: 1, name: "c", recommender_class_name: "rp3beta" };
    const body = { ...named, parameters_json: { beta: 0.5 } };
    const made = modelConfiguration.parse(await send("POST", "model_configuration", body, 201));
    await send("POST", "model_configuration/", body, 409);
    const model = await makeModel({ model_configuration: made.id });
    const run = await read(`training_run/${model.training_run}`);
    expect(run).toMatchObject({ kind: "rp3beta", parameters: { beta: 0.5 } });
    await send("DELETE", `trained_model/${model.id}`, undefined, 409);
    const cancelled = await send("POST", `training_run/${model.training_run}/cancel`);
    expect(cancelled).toMatchObject({ status: "CANCELLED" });
    expect(await send("PATCH", `trained_model/${model.id}`, { name: "b" })).toMatchObject({
      name: "b",
    });
    await send("DELETE", `trained_model/${model.id}`, undefined, 204);
    await read(`trained_model/${model.id}`, 404);
    const changes = { parameters_json: {}, name: "d" };
    expect(await send("PATCH", `model_configuration/${made.id}`, changes)).toMatchObject(changes);
    await send("DELETE", `model_configuration/${made.id}/`, undefined, 204);
  });
});

describe("slots and schedules", () => {
  test("slots are created, changed, filtered and removed, and gateways hear of each", async () => {
    const changed = await calls.heardOf(subjects.slotsChanged);
    const model = await makeModel();
    const body = { project: 1, name: "main", trained_model: model.id };
    const made = deploymentSlot.parse(await send("POST", "deployment_slot/", body, 201));
    expect(made).toMatchObject({ weight: 100, is_active: true, variation_index: 0 });
    const off = await send("PATCH", `deployment_slot/${made.id}`, { is_active: false, weight: 0 });
    expect(off).toMatchObject({ is_active: false, weight: 0 });
    expect(await read("deployment_slot/?is_active=true")).toMatchObject({ count: 0 });
    expect(await read("deployment_slot?is_active=false&page_size=1")).toMatchObject({ count: 1 });
    for (const wrong of [{ weight: 101 }, { weight: -1 }, { trained_model: 99 }, { name: "" }]) {
      await send("PATCH", `deployment_slot/${made.id}`, wrong, 422);
      await send("POST", "deployment_slot/", { ...body, ...wrong }, 422);
    }
    await send("DELETE", `deployment_slot/${made.id}`, undefined, 204);
    await send("DELETE", `deployment_slot/${made.id}`, undefined, 404);
    await vi.waitFor(() => expect(changed).toHaveLength(3));
  });

  test("schedules know their next time and can be triggered once at a time", async () => {
    const model = await makeModel();
    const body = { project: 1, trained_model: model.id, auto_deploy: true, retune: true };
    const made = retrainingSchedule.parse(await send("POST", "retraining_schedule/", body, 201));
    expect(made).toMatchObject({
      cron_expression: "0 2 * * 0",
      is_enabled: true,
      auto_deploy: true,
      retune: true,
      tune: { trials: 40 },
      last_run_at: null,
    });
    expect(new Date(made.next_run_at ?? 0).getUTCDay()).toBe(0);
    expect(Date.parse(made.next_run_at ?? "")).toBeGreaterThan(world.now());
    const path = `retraining_schedule/${made.id}`;
    expect(await send("PATCH", path, { is_enabled: false })).toMatchObject({ next_run_at: null });
    for (const wrong of [{ cron_expression: "often" }, { training_data: 1 }]) {
      await send("PATCH", path, wrong, 422);
    }
    const triggered = await send("POST", `${path}/trigger/`, undefined, 202);
    expect(triggered).toEqual({ status: "triggered", training_run: 2 });
    const again = await send("POST", `${path}/trigger`, undefined, 202);
    expect(again).toEqual({ status: "skipped", training_run: null });
    expect(await read(path)).toMatchObject({ last_run_status: "PENDING" });
    await send("DELETE", path, undefined, 204);
  });
});
