import { subjects } from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";
import { afterEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
afterEach(() => world.close());

const USER = { user_id: "u1" };
const ask = (id: number) => world.post(`/predict/${id}`, USER);
const versionOf = async (id: number) => (await ask(id)).headers.get("x-model-version");
const trained = (model_id: number, version?: number) =>
  world.bus.publish(subjects.modelTrained, {
    event: "model_trained",
    model_id,
    project_id: world.project.id,
    ...(version === undefined ? {} : { version }),
  });
const becomes = (id: number, version: string) =>
  vi.waitFor(async () => expect(await versionOf(id)).toBe(version), {
    timeout: 30_000,
    interval: 5,
  });

async function open(...args: Parameters<typeof openWorld>): Promise<void> {
  world = await openWorld(...args);
  await world.app.start();
}

describe("a trained version", () => {
  test("serves under load, and no request fails", async () => {
    await open(() => ({ settings: { rateLimit: { count: 1_000_000, windowMs: 1_000 } } }));
    const id = await world.model();
    const seen: string[] = [];
    const ending = new AbortController();
    const load = Array.from({ length: 8 }, async () => {
      while (!ending.signal.aborted) {
        const answer = await ask(id);
        seen.push(
          answer.status === 200
            ? (answer.headers.get("x-model-version") ?? "none")
            : `${answer.status}`,
        );
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    for (let version = 2; version <= 4; version++) {
      await world.retrain(id);
      await trained(id, version);
      await becomes(id, `${version}`);
    }
    ending.abort();
    await Promise.all(load);
    expect(seen.filter((answer) => !["1", "2", "3", "4"].includes(answer))).toEqual([]);
    expect(new Set(seen).size).toBeGreaterThan(2);
    // Each worker may be a turn behind another: a version never comes back.
    expect(seen).toEqual(seen.toSorted());
  });

  test("that is damaged leaves the old one serving, and says so", async () => {
    await open();
    const id = await world.model();
    await ask(id);
    await world.retrain(id, { corrupt: true });
    await trained(id, 2);
    await vi.waitFor(() => expect(world.lines.join()).toContain("a model was not loaded"));
    expect(await versionOf(id)).toBe("1");
    world.clock.advance(61_000);
    expect(await versionOf(id)).toBe("1");
    expect(await world.metrics.text()).toMatch(/model_load_failures_total\{reason="MODEL_\w+"\} 1/);
    await world.retrain(id, { kind: "popular" });
    await trained(id, 3);
    await becomes(id, "3");
  });

  test("that could not be loaded is tried again without another message", async () => {
    await open((deps) => ({ settings: { ...deps.settings, retryMs: 10 } }));
    const id = await world.model();
    await ask(id);
    await world.retrain(id, { corrupt: true });
    await trained(id, 2);
    await vi.waitFor(() => expect(world.lines.join()).toContain("a model was not loaded"));
    world.files.mend();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await versionOf(id)).toBe("1");
    world.clock.advance(30_000);
    await becomes(id, "2");
  });

  test("is waited for while the row lags behind the message", async () => {
    await open();
    const id = await world.model();
    await ask(id);
    const { modelCatalogue } = world.stores;
    const served = vi.spyOn(modelCatalogue, "served");
    await world.retrain(id, { serve: false });
    await trained(id, 2);
    await vi.waitFor(() => expect(served.mock.calls.length).toBeGreaterThanOrEqual(2));
    expect(await versionOf(id)).toBe("1");
    await modelCatalogue.promote(id, 2);
    await becomes(id, "2");
  });

  test("that nobody asked for here is not loaded", async () => {
    await open();
    const id = await world.model();
    const served = vi.spyOn(world.stores.modelCatalogue, "served");
    await trained(id, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(served).not.toHaveBeenCalled();
    expect(await (await world.get("/models")).json()).toEqual({ models: [], count: 0 });
  });

  test("an old message changes nothing: the row decides", async () => {
    await open();
    const id = await world.model();
    await world.retrain(id);
    expect(await versionOf(id)).toBe("2");
    await world.stores.modelCatalogue.promote(id, 1);
    await world.bus.publish(subjects.slotsChanged, { project_id: world.project.id });
    await becomes(id, "1");
    await trained(id, 1);
    await trained(id);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await versionOf(id)).toBe("1");
  });
});

describe("what was not heard", () => {
  test("is found by the next reading of the tables", async () => {
    await open((deps) => ({ settings: { ...deps.settings, rereadMs: 30 } }));
    const id = await world.model();
    await world.slot(id, 100, "first");
    const path = `/predict/project/${world.project.id}`;
    const slotName = async () => {
      const body = (await (await world.post(path, USER)).json()) as { slot_name: string };
      return body.slot_name;
    };
    expect(await slotName()).toBe("first");
    const [slot] = (await world.stores.deploymentSlots.list({ offset: 0, limit: 1 })).rows;
    await world.stores.deploymentSlots.update(slot?.id ?? 0, { name: "renamed" });
    await world.retrain(id);
    await becomes(id, "2");
    await vi.waitFor(async () => expect(await slotName()).toBe("renamed"));
  });

  test("stays as it was while the tables cannot be read", async () => {
    let down = false;
    const refuse = <T>(value: Promise<T>): Promise<T> =>
      down ? Promise.reject(new UnavailableError("postgres", "gone")) : value;
    await open((deps) => ({
      settings: { ...deps.settings, rereadMs: 10 },
      modelCatalogue: {
        ...deps.modelCatalogue,
        served: (ids) => refuse(deps.modelCatalogue.served(ids)),
      },
      deploymentSlots: { routing: (id) => refuse(deps.deploymentSlots.routing(id)) },
    }));
    const id = await world.model();
    await world.slot(id);
    const path = `/predict/project/${world.project.id}`;
    expect((await world.post(path, USER)).status).toBe(200);
    down = true;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await world.post(path, USER)).status).toBe(200);
    // What is not in memory cannot be answered: our trouble, not theirs.
    expect((await ask(id + 1)).status).toBe(503);
  });
});

describe("slots", () => {
  test("a change is heard: weights move users, a removed model is gone", async () => {
    await open();
    const [one, two] = [await world.model(), await world.model({ kind: "popular" })];
    const first = await world.slot(one, 100, "first");
    const path = `/predict/project/${world.project.id}`;
    const model = async () => {
      const body = (await (await world.post(path, USER)).json()) as { model_id: number };
      return body.model_id;
    };
    expect(await model()).toBe(one);
    await world.stores.deploymentSlots.update(first.id, { trained_model_id: two });
    await world.bus.publish(subjects.slotsChanged, { project_id: world.project.id });
    await vi.waitFor(async () => expect(await model()).toBe(two));
    await ask(one);
    await world.stores.modelCatalogue.remove(one);
    await world.bus.publish(subjects.slotsChanged, { project_id: world.project.id });
    await vi.waitFor(async () => expect((await ask(one)).status).toBe(404));
    expect(await (await world.get("/models")).json()).toEqual({ models: [two], count: 1 });
  });
});

describe("preload", () => {
  test("loads in order at start, passes over what fails, and follows what is trained later", async () => {
    world = await openWorld();
    const ids = [await world.model(), await world.model({ corrupt: true }), await world.model()];
    await world.close();
    const preload = [ids[2], 77, ids[1], ids[0]] as number[];
    const before = world;
    await open(() => ({
      ...before.stores,
      modelFiles: before.files,
      settings: { preload, rateLimit: { count: 100, windowMs: 1_000 } },
    }));
    expect(await (await world.get("/models")).json()).toEqual({
      models: [ids[2], ids[0]],
      count: 2,
    });
    expect(world.lines.join()).toContain("a model to preload does not exist");
    before.files.mend();
    await before.retrain(ids[1] as number);
    await trained(ids[1] as number, 2);
    await vi.waitFor(async () => {
      const { count } = (await (await world.get("/models")).json()) as { count: number };
      expect(count).toBe(3);
    });
  });

  test("least recently used models make room", async () => {
    await open((deps) => ({ settings: { ...deps.settings, maxModels: 2 } }));
    const ids = [await world.model(), await world.model(), await world.model()];
    for (const id of ids) expect((await ask(id)).status).toBe(200);
    expect(await (await world.get("/models")).json()).toEqual({ models: ids.slice(1), count: 2 });
    expect((await ask(ids[0] as number)).status).toBe(200);
  });
});

test("all who wait for a model that is not loaded cause one load", async () => {
  await open();
  const id = await world.model();
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(id)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(await world.metrics.text()).toContain('model_cache_events_total{event="loaded"} 1');
});
