import { batchPrediction, prediction, projectPrediction, subjects } from "@signalpath/contracts";
import { buildInteractions, itemKnn } from "@signalpath/models";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, sampleRows, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.app.start();
});
afterEach(() => world.close());

async function ok(path: string, body: unknown) {
  const answer = await world.post(path, body);
  const json: unknown = await answer.json();
  expect([answer.status, json]).toEqual([200, json]);
  return { json, version: answer.headers.get("x-model-version") };
}
const predict = async (path: string, body: unknown) =>
  prediction.parse((await ok(path, body)).json);
const ofProject = async (body: unknown) =>
  projectPrediction.parse((await ok(`/predict/project/${world.project.id}`, body)).json);
const idsOf = ({ items }: { items: { item_id: string }[] }) => items.map(({ item_id }) => item_id);

describe("by model", () => {
  test("answers what the model scores, without what the user has", async () => {
    const id = await world.model();
    const { json, version } = await ok(`/inference/predict/${id}`, { user_id: "u1" });
    const list = prediction.parse(json);
    const trained = await itemKnn.train(buildInteractions(sampleRows()), {}, { random: () => 0.5 });
    expect(list.items).toEqual(itemKnn.score(trained, { user: "u1" }, { k: 10 }));
    expect(idsOf(list)).toContain("a3");
    expect(idsOf(list)).not.toContain("a1");
    expect(list.model_id).toBe(id);
    expect(version).toBe("1");
    const again = await predict(`/predict/${id}`, { user_id: "u1" });
    expect(again.items).toEqual(list.items);
    expect(again.request_id).not.toBe(list.request_id);
  });

  test("cutoff and exclude_items", async () => {
    const id = await world.model({ kind: "popular" });
    const all = idsOf(await predict(`/predict/${id}`, { user_id: "u6", cutoff: 1_000 }));
    expect(all.length).toBeGreaterThan(3);
    const [first, second, third] = all;
    const body = { user_id: "u6", cutoff: 2, exclude_items: [second, "nowhere"] };
    expect(idsOf(await predict(`/predict/${id}`, body))).toEqual([first, third]);
  });

  test("fallback gives popular items to an unknown user", async () => {
    const id = await world.model();
    const body = { user_id: "stranger", cutoff: 3, exclude_items: ["all"], fallback: true };
    const list = await predict(`/predict/${id}`, body);
    // Each had by three, in the order of their ids.
    expect(list.items).toEqual([
      { item_id: "a2", score: 3 },
      { item_id: "b2", score: 3 },
      { item_id: "a1", score: 2 },
    ]);
    expect(list.fallback).toBe("popular");
    const known = await predict(`/predict/${id}`, { user_id: "u1", fallback: true });
    expect(known.fallback).toBeUndefined();
  });

  test("a batch answers in order, unknown users with nothing", async () => {
    const id = await world.model();
    const user_ids = ["u4", "stranger", "u1", "u4"];
    const { json, version } = await ok(`/inference/predict/${id}/batch`, { user_ids, cutoff: 2 });
    const { results } = batchPrediction.parse(json);
    expect(results.map(({ user_id }) => user_id)).toEqual(user_ids);
    for (const { user_id, items, model_id } of results) {
      expect(model_id).toBe(id);
      if (user_id === "stranger") expect(items).toEqual([]);
      else expect(items).toEqual((await predict(`/predict/${id}`, { user_id, cutoff: 2 })).items);
    }
    expect(new Set(results.map(({ request_id }) => request_id)).size).toBe(4);
    expect(version).toBe("1");
    const none = await ok(`/predict/${id}/batch`, { user_ids: [] });
    expect(none.json).toEqual({ results: [] });
  });

  test("related is a list from seeds, without them", async () => {
    const id = await world.model();
    const list = await predict(`/inference/predict/${id}/related`, { seed_items: ["a1", "a1"] });
    expect(idsOf(list)[0]).toBe("a2");
    expect(idsOf(list)).not.toContain("a1");
    const less = { seed_items: ["a1", "nowhere"], exclude_items: ["a2"], cutoff: 1 };
    expect(idsOf(await predict(`/predict/${id}/related`, less))).toEqual(idsOf(list).slice(1, 2));
    expect((await predict(`/predict/${id}/related`, { seed_items: ["nowhere"] })).items).toEqual(
      [],
    );
  });

  test("an admin key reaches every project's model", async () => {
    const id = await world.model({ projectId: world.other.id });
    const { key } = await world.issue(world.project.id, ["admin"]);
    const answer = await world.post(`/predict/${id}`, { user_id: "u1" }, { key });
    expect(answer.status).toBe(200);
  });
});

describe("by project", () => {
  const user = (at: number) => ({ user_id: `u${at}` });

  test("names the slot, the same one each time", async () => {
    const model = await world.model();
    const slots = [await world.slot(model, 60, "a"), await world.slot(model, 40, "b")];
    for (let at = 1; at <= 6; at++) {
      const list = await ofProject(user(at));
      const slot = slots.find(({ id }) => id === list.slot_id);
      expect(list).toMatchObject({
        model_id: model,
        slot_name: slot?.name,
        variation_index: slot?.variation_index,
      });
      expect(list).not.toHaveProperty("assigned_slot_id");
      expect((await ofProject(user(at))).slot_id).toBe(list.slot_id);
    }
  });

  test("inactive slots and those without weight are never chosen", async () => {
    const model = await world.model();
    const on = await world.slot(model, 1, "on");
    await world.slot(model, 0, "none");
    const off = await world.slot(model, 100, "off");
    await world.stores.deploymentSlots.update(off.id, { is_active: false });
    for (let at = 1; at <= 6; at++) expect((await ofProject(user(at))).slot_id).toBe(on.id);
  });

  test("a slot whose model cannot be loaded is skipped and named", async () => {
    const good = await world.slot(await world.model(), 1, "good");
    const bad = await world.slot(await world.model({ corrupt: true }), 99, "bad");
    let skipped = 0;
    for (let at = 1; at <= 6; at++) {
      const list = await ofProject(user(at));
      expect(list.slot_id).toBe(good.id);
      if (list.skipped_slots === undefined) expect(list).not.toHaveProperty("assigned_slot_id");
      else {
        expect(list.skipped_slots).toEqual([bad.id]);
        expect(list.assigned_slot_id).toBe(bad.id);
        skipped++;
      }
    }
    // Nearly everybody's slot is the bad one; that it is nobody's has a chance of 10^-12.
    expect(skipped).toBeGreaterThan(0);
  });

  test("only damaged models: 503", async () => {
    await world.slot(await world.model({ corrupt: true }));
    const path = `/predict/project/${world.project.id}`;
    const answer = await world.post(path, { user_id: "u1" });
    expect([answer.status, await answer.json()]).toMatchObject([
      503,
      { code: "MODEL_LOAD_FAILED" },
    ]);
  });

  test("a user the slot's model does not know: 404, with fallback the next slot", async () => {
    const few = sampleRows().filter(({ user_id }) => user_id !== "u1");
    const without = await world.slot(await world.model({ rows: few }), 100, "without");
    // Hardly anybody comes here first.
    const rest = await world.slot(await world.model(), 1e-9, "rest");
    const path = `/predict/project/${world.project.id}`;
    const answer = await world.post(path, { user_id: "u1" });
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { code: "USER_NOT_IN_MODEL", detail: "User 'u1' not found in model" },
    ]);
    const list = await ofProject({ user_id: "u1", fallback: true });
    expect(list).toMatchObject({ slot_id: rest.id, assigned_slot_id: without.id });
    expect(list).not.toHaveProperty("fallback");
    expect(list).not.toHaveProperty("skipped_slots");
  });

  test("a user no slot knows gets the popular items of their own slot", async () => {
    const model = await world.model();
    const slots = [await world.slot(model, 50, "a"), await world.slot(model, 50, "b")];
    const list = await ofProject({ user_id: "stranger", fallback: true, cutoff: 1 });
    expect(list.items).toEqual([{ item_id: "all", score: 6 }]);
    expect(list.fallback).toBe("popular");
    expect(list.assigned_slot_id).toBe(list.slot_id);
    expect(slots.map(({ id }) => id)).toContain(list.slot_id);
  });

  test("random slots only where the project says so", async () => {
    let draw = 0;
    const drawing = await openWorld(() => ({ random: () => (draw = (draw + 0.31) % 1) }));
    const model = await drawing.model();
    for (const name of ["a", "b"]) await drawing.slot(model, 50, name);
    await drawing.app.start();
    const { id } = drawing.project;
    const slotsOfMany = async (): Promise<number> => {
      const seen = new Set<number>();
      for (let n = 0; n < 20; n++) {
        const answer = await drawing.post(`/predict/project/${id}`, { user_id: "u1" });
        seen.add(projectPrediction.parse(await answer.json()).slot_id);
      }
      return seen.size;
    };
    expect(await slotsOfMany()).toBe(1);
    await drawing.stores.deploymentSlots.setMode(id, "random");
    await drawing.bus.publish(subjects.slotsChanged, { project_id: id });
    await vi.waitFor(async () => expect(await slotsOfMany()).toBe(2));
    await drawing.close();
  });
});

describe("open pages", () => {
  test.each(["/inference", ""])("%s/health and %s/models need no key", async (prefix) => {
    const empty = await (await world.get(`${prefix}/health`)).json();
    expect(empty).toEqual({ status: "healthy", loaded_models: 0 });
    const ids = [await world.model(), await world.model(), await world.model()];
    for (const id of [...ids, ids[0]]) await predict(`/predict/${id}`, { user_id: "u1" });
    expect(await (await world.get(`${prefix}/models`)).json()).toEqual({
      models: [ids[1], ids[2], ids[0]],
      count: 3,
    });
    const health = await (await world.get(`${prefix}/health`)).json();
    expect(health).toEqual({ status: "healthy", loaded_models: 3 });
  });
});
