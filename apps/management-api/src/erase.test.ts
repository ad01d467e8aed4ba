import { eraseResponse, subjects } from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

async function erase(id: string, query = "") {
  const response = await world.request("DELETE", `/api/users/${encodeURIComponent(id)}${query}`);
  expect(response.status).toBe(200);
  return eraseResponse.parse(await response.json());
}
const modelOf = async (id: string) => (await world.models.get(world.keyOf(id))).status;

describe("DELETE /api/users/{user_id}", () => {
  test("removes events, buffer and model of the user alone, and says so", async () => {
    await world.store(world.event({ user_id: "ann" }), world.event({ user_id: "bob" }));
    await world.store(world.event({ user_id: "ann" }));
    const heard: unknown[] = [];
    await world.bus.hear(subjects.userErased.name, ({ body }) => void heard.push(JSON.parse(body)));
    const receipt = await erase("ann");
    expect(receipt).toEqual({
      user_id: "ann",
      erased_at: new Date(world.now()).toISOString(),
      removed: { archive: 2, dead_letters: 0, experiments: 0, buffers: 1, models: 1, features: 0 },
      kept: ["training_data", "trained_models"],
      bus_forgets_at: new Date(world.now() + 7 * 24 * 3_600_000).toISOString(),
    });
    expect(await modelOf("ann")).toBe("absent");
    expect(await world.buffer.read(world.keyOf("ann"))).toMatchObject({ events: [] });
    expect(await world.archive.eventsOf(1, world.keyOf("ann"), { limit: 9 })).toEqual([]);
    expect(await modelOf("bob")).toBe("ok");
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toEqual({
      project_id: 1,
      user_id: "ann",
      erased_at: receipt.erased_at,
      keys: [world.keyOf("ann")],
    });
  });

  test("reaches what is linked to the user, asked for by either id", async () => {
    await world.store(world.event({ anonymous_id: "dev" }));
    await world.store(world.event({ user_id: "ann", anonymous_id: "dev" }));
    const heard: { user_id: string }[] = [];
    await world.bus.hear(subjects.userErased.name, ({ body }) => {
      heard.push(JSON.parse(body) as { user_id: string });
    });
    const receipt = await erase("dev");
    expect(receipt.removed).toMatchObject({ archive: 2, buffers: 1, models: 1 });
    await vi.waitFor(() => expect(heard.map((one) => one.user_id)).toEqual(["dev", "ann"]));
    expect(await modelOf("ann")).toBe("absent");
  });

  test("counts the ids that had profile features, once, also those another call took", async () => {
    await world.store(world.event({ anonymous_id: "dev" }));
    await world.store(world.event({ user_id: "ann", anonymous_id: "dev" }));
    const key = world.keyOf("ann");
    const read = await world.buffer.read(key);
    if (read.status !== "ok") throw new Error("moved");
    const values = new Map([["tip_volume_30d", 1]]);
    const now = world.now();
    await world.features.save(key, { values, computedAtMs: now, revision: read.revision });
    expect((await erase("dev")).removed).toMatchObject({ models: 1, features: 1 });
    expect(await world.features.get(key)).toEqual({ status: "ok", features: new Map() });
    expect((await erase("ann")).removed).toMatchObject({ models: 1, features: 1 });
  });

  test("takes the person's dead letters along, and nobody else's", async () => {
    const letter = (id: string) => ({
      projectId: world.project.id,
      app: "ingest-webhook",
      code: "INVALID_EVENT",
      detail: "",
      receivedAt: new Date(world.now()).toISOString(),
      body: `{"of":"${id}"}`,
      truncated: false,
      userKey: world.keyOf(id),
    });
    await world.deadLetters.put([letter("ann"), letter("bob")]);
    await world.store(world.event({ user_id: "ann" }));
    expect((await erase("ann")).removed).toMatchObject({ archive: 1, dead_letters: 1 });
    const { letters } = await world.deadLetters.list(world.project.id, { limit: 9 });
    expect(letters.map((one) => one.userKey)).toEqual([world.keyOf("bob")]);
  });

  test("looks for a user first: a device of the same name stays", async () => {
    await world.store(world.event({ user_id: "ann" }), world.event({ anonymous_id: "ann" }));
    await erase("ann");
    const device = world.keyOf("ann", "anonymous");
    expect((await world.models.get(device)).status).toBe("ok");
    expect((await erase("ann")).removed.archive).toBe(1);
    expect((await world.models.get(device)).status).toBe("ok");
    expect(await world.archive.eventsOf(1, device, { limit: 9 })).toHaveLength(1);
  });

  test("a device that was asked for before it was known is found once it is", async () => {
    expect((await erase("dev")).removed.archive).toBe(0);
    world.advance(1_000);
    const at = new Date(world.now() + 1).toISOString();
    await world.store(world.event({ anonymous_id: "dev", occurred_at: at, received_at: at }));
    world.advance(1_000);
    expect((await erase("dev")).removed).toMatchObject({ archive: 1, buffers: 1, models: 1 });
    expect((await erase("dev")).removed).toMatchObject({ archive: 1, buffers: 1, models: 1 });
  });

  test("may be repeated; what happened before it stays away, what comes after starts afresh", async () => {
    const before = world.event({ user_id: "ann" });
    await world.store(before);
    const receipt = await erase("ann");
    world.advance(1_000);
    expect(await erase("ann")).toEqual(receipt);
    expect(receipt.removed).toEqual({
      archive: 1,
      dead_letters: 0,
      experiments: 0,
      buffers: 1,
      models: 1,
      features: 0,
    });
    await world.store(before, world.event({ user_id: "ann" }));
    expect(await modelOf("ann")).toBe("absent");
    const later = new Date(world.now() + 1).toISOString();
    await world.store(world.event({ user_id: "ann", occurred_at: later, received_at: later }));
    const fresh = await world.models.get(world.keyOf("ann"));
    expect(fresh).toMatchObject({ status: "ok", model: { n_events: 1 } });
    world.advance(1_000);
    const both = await erase("ann");
    expect(both.removed).toEqual({
      archive: 2,
      dead_letters: 0,
      experiments: 0,
      buffers: 1,
      models: 1,
      features: 0,
    });
    expect(both.erased_at).toBe(new Date(world.now()).toISOString());
    expect(await modelOf("ann")).toBe("absent");
  });

  test("a model built from events read before the erasure cannot come back", async () => {
    await world.store(world.event({ user_id: "ann" }));
    const key = world.keyOf("ann");
    const stored = await world.models.get(key);
    if (stored.status !== "ok") throw new Error("no model");
    await erase("ann");
    expect(await world.models.save(key, stored.model, stored)).toEqual({ status: "below_floor" });
  });

  test("a store that is down is a 503; repeating the call finishes the erasure", async () => {
    let down = true;
    const broken = await openWorld((deps) => ({
      buffer: {
        ...deps.buffer,
        erase: (key, floor) =>
          down
            ? Promise.reject(new UnavailableError("redis", "gone"))
            : deps.buffer.erase(key, floor),
      },
    }));
    await broken.store(broken.event({ user_id: "ann" }));
    expect((await broken.request("DELETE", "/api/users/ann")).status).toBe(503);
    down = false;
    const answer = await broken.request("DELETE", "/api/users/ann");
    expect(eraseResponse.parse(await answer.json()).removed).toMatchObject({
      buffers: 1,
      models: 1,
      features: 0,
    });
    await broken.close();
  });

  test.each(["buffer", "models", "recordErasure"])(
    "cut off at %s, it clears and announces everything again, and counts it once",
    async (where) => {
      let down = true;
      const fails =
        <A extends unknown[], R>(run: (...args: A) => Promise<R>, at: string) =>
        (...args: A) =>
          down && at === where ? Promise.reject(new UnavailableError(at, "gone")) : run(...args);
      const broken = await openWorld(({ buffer, models, archive }) => ({
        buffer: { ...buffer, erase: fails(buffer.erase, "buffer") },
        models: { ...models, erase: fails(models.erase, "models") },
        archive: { ...archive, recordErasure: fails(archive.recordErasure, "recordErasure") },
      }));
      const heard: string[] = [];
      await broken.bus.hear(subjects.userErased.name, ({ body }) => {
        heard.push((JSON.parse(body) as { user_id: string }).user_id);
      });
      await broken.store(broken.event({ user_id: "ann", anonymous_id: "dev" }));
      for (let i = 0; i < 2; i++) {
        expect((await broken.request("DELETE", "/api/users/dev")).status).toBe(503);
      }
      expect(heard).toEqual([]);
      down = false;
      const answer = await broken.request("DELETE", "/api/users/dev");
      const receipt = eraseResponse.parse(await answer.json());
      expect(receipt.removed).toEqual({
        archive: 1,
        dead_letters: 0,
        experiments: 0,
        buffers: 1,
        models: 1,
        features: 0,
      });
      await vi.waitFor(() => expect(heard).toEqual(["dev", "ann"]));
      const again = await broken.request("DELETE", "/api/users/dev");
      expect(await again.json()).toEqual(receipt);
      expect((await broken.models.get(broken.keyOf("ann"))).status).toBe("absent");
      await broken.close();
    },
  );

  test("ids that the bus did not take are announced by the next call", async () => {
    let down = true;
    const broken = await openWorld(({ bus }) => ({
      bus: {
        ...bus,
        publish: (...args: Parameters<typeof bus.publish>) =>
          down ? Promise.reject(new UnavailableError("bus", "gone")) : bus.publish(...args),
      } as typeof bus,
    }));
    const heard: string[] = [];
    await broken.bus.hear(subjects.userErased.name, ({ body }) => {
      heard.push((JSON.parse(body) as { user_id: string }).user_id);
    });
    await broken.store(broken.event({ user_id: "ann", anonymous_id: "dev" }));
    const first = await (await broken.request("DELETE", "/api/users/ann")).json();
    down = false;
    expect(await (await broken.request("DELETE", "/api/users/ann")).json()).toEqual(first);
    await vi.waitFor(() => expect(heard).toEqual(["ann", "dev"]));
    await broken.close();
  });

  test("saves that race an erasure never outlive it", async () => {
    await world.store(...Array.from({ length: 5 }, () => world.event({ user_id: "ann" })));
    const key = world.keyOf("ann");
    const stored = await world.models.get(key);
    if (stored.status !== "ok") throw new Error("no model");
    const saves = Array.from({ length: 20 }, (_, n) => async () => {
      const answer = await world.buffer.append(key, [world.event({ user_id: "ann" })]);
      const revision = answer.status === "ok" ? answer.revision : stored.revision + n;
      await world.models.save(key, stored.model, { ...stored, revision });
    });
    const work = [...saves.slice(0, 10), () => erase("ann"), ...saves.slice(10)];
    await Promise.all(work.map((run) => run()));
    // What was appended beside it is nowhere in the archive: the call repeated removes it too.
    world.advance(1_000);
    await erase("ann");
    expect(await modelOf("ann")).toBe("absent");
    expect(await world.buffer.read(key)).toMatchObject({ events: [] });
    const late = await world.models.save(key, stored.model, stored);
    expect(late).toEqual({ status: "below_floor" });
  });

  test.each(["a.b.*", "a b>", "x\r\ny", "a/b", "日本 🦉", "../..", "100%", "{h}"])(
    "id %j is data",
    async (id) => {
      await world.store(world.event({ user_id: id }), world.event({ user_id: "bob" }));
      expect((await erase(id)).removed.archive).toBe(1);
      expect(await modelOf("bob")).toBe("ok");
      const log = world.lines.join("");
      expect(log).not.toContain(JSON.stringify(id).slice(1, -1));
    },
  );

  test("of another project, of nobody, without admin, with an endless id", async () => {
    const other = await world.projects.create("other");
    await world.store(world.event({ user_id: "ann" }));
    const receipt = await erase("ann", `?project=${other.id}`);
    expect(receipt.removed.archive).toBe(0);
    expect(await modelOf("ann")).toBe("ok");
    expect((await erase("nobody")).removed.archive).toBe(0);
    const path = "/api/users/ann";
    expect((await world.request("DELETE", path, { key: world.writeKey })).status).toBe(403);
    expect((await world.request("DELETE", path, { key: null })).status).toBe(401);
    expect((await world.request("DELETE", `/api/users/${"x".repeat(10_240)}`)).status).toBe(422);
    expect(await modelOf("ann")).toBe("ok");
  });
});
