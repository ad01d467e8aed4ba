import { announcingKeyUse } from "@signalpath/service-kit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "../test-world.ts";
import { createCalls, CSV, form, V1, type Calls } from "./test-calls.ts";

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

describe("tenancy and scopes", () => {
  test("another project's rows and its id are not there", async () => {
    const { id: data } = await upload();
    const model = await makeModel();
    const names = { project: 1, name: "c", recommender_class_name: "ease" };
    await send("POST", "model_configuration/", names, 201);
    const slot = { project: 1, name: "s", trained_model: model.id };
    await send("POST", "deployment_slot/", slot, 201);
    const schedule = { project: 1, trained_model: model.id };
    await send("POST", "retraining_schedule/", schedule, 201);
    const resources = [
      "training_data",
      "trained_model",
      "training_run",
      "model_configuration",
      "deployment_slot",
      "retraining_schedule",
    ];
    for (const name of resources) {
      await send("GET", `${name}/1/`, undefined, 404, foreign.key);
      expect(await send("GET", `${name}/`, undefined, 200, foreign.key)).toMatchObject({
        count: 0,
      });
      await send("GET", `${name}/?project=1`, undefined, 404, foreign.key);
      const all = await send("GET", `${name}/?project=1`, undefined, 200, world.adminKey);
      expect(all["count"]).toBe(1);
      await read(`${name}/99`, 404);
      expect((await world.request("GET", `${V1}/${name}/`, { key: null })).status).toBe(401);
      if (name === "training_run") continue;
      await send("DELETE", `${name}/1`, undefined, 404, foreign.key);
      await send("DELETE", `${name}/1`, undefined, 403, world.readKey);
    }
    const theirs: [string, unknown][] = [
      ["trained_model/", { project: 1, source: "archive" }],
      ["deployment_slot/", slot],
      ["retraining_schedule/", schedule],
      ["model_configuration/", names],
      ["training_data/", form(CSV, "r.csv")],
      ["trained_model/1/retrain/", {}],
      ["trained_model/1/promote/", { version: 1 }],
      ["training_run/1/cancel/", {}],
      ["retraining_schedule/1/trigger/", {}],
    ];
    for (const [path, body] of theirs) await send("POST", path, body, 404, foreign.key);
    const mixed = { project: foreign.id, name: "s", trained_model: model.id };
    await send("POST", "deployment_slot/", mixed, 422, foreign.key);
    const stolen = { project: foreign.id, training_data: data };
    await send("POST", "trained_model/", stolen, 422, foreign.key);
  });

  test("what an app with a read-only database saw of a key is stored", async () => {
    const used_at = new Date(world.now() + 5_000).toISOString();
    await announcingKeyUse(world.keys, world.bus).touch(1, used_at);
    await vi.waitFor(async () => expect((await world.keys.get(1))?.lastUsedAt).toBe(used_at));
  });
});
