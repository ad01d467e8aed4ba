import { deadLettersOf, subjects } from "@signalpath/contracts";
import { RefusedError, type NewDeadLetter } from "@signalpath/ports";
import { expect, onTestFinished, test, vi } from "vitest";

import { DAY, eventAt, openWorld, type World } from "./test-world.ts";

async function running(world: World) {
  const app = world.create();
  await app.start();
  onTestFinished(() => app.close());
  return app;
}

test("an event becomes a model, and the model is announced", async () => {
  const world = await openWorld();
  const heard: string[] = [];
  await world.base.bus.hear(subjects.userModelUpdated.name, ({ body }) => void heard.push(body));
  await running(world);
  await world.publish(eventAt(1, { user_id: "u1", item_id: "i1" }));
  const key = world.keyOf("u1");
  await vi.waitFor(async () => expect(await world.stored(key)).toBeDefined());
  const model = await world.stored(key);
  expect(model).toEqual(await world.oracle(key));
  expect(Object.keys(model?.positives ?? {})).toEqual(["i1"]);
  expect(model?.tag_affinity).toEqual({ "theme:label 1": 1 });
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(JSON.parse(heard[0] ?? "")).toMatchObject({ project_id: 1, user_id: "u1" });
});

test("a trait that names a tag seeds it", async () => {
  const world = await openWorld();
  await running(world);
  const traits = { likes: ["Label_2", 7] };
  await world.publish(eventAt(1, { user_id: "u1", kind: "identified", traits }));
  const key = world.keyOf("u1");
  await vi.waitFor(async () => expect(await world.stored(key)).toBeDefined());
  expect((await world.stored(key))?.tag_affinity).toEqual({ "theme:label 2": 1 });
  expect(await world.stored(key)).toEqual(await world.oracle(key));
});

test("bad messages are put aside with their cause, their neighbours pass", async () => {
  const world = await openWorld();
  const bad = { ...subjects.tipFeedback, name: "signals.tip.feedback" } as never;
  await world.base.bus.publish(bad, { event_id: "x", project_id: 1, user_id: "u2" } as never);
  await world.publish(eventAt(1, { user_id: "u1", item_id: "i1" }));
  const old = eventAt(2, { user_id: "u1", item_id: "i2" });
  await world.publish({
    ...old,
    occurred_at: new Date(DAY - 31 * 86_400_000).toISOString(),
  });
  await running(world);
  await vi.waitFor(async () => expect(await world.stored(world.keyOf("u1"))).toBeDefined());
  await vi.waitFor(async () => {
    const { letters } = await world.base.deadLetters.list(1, { limit: 10 });
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({
      app: "user-model-updater",
      code: "INVALID_EVENT",
      eventId: "x",
      userKey: world.keyOf("u2"),
    });
  });
  const text = await world.metricsText();
  expect(text).toContain('dlq_added_total{reason="INVALID_EVENT"} 1');
  expect(text).toContain('updater_events_total{result="expired"} 1');
  expect(text).toContain('model_refresh_total{result="saved"} 1');
  expect(text).toMatch(/model_freshness_seconds_count{stage="model"} 1/);
});

test("a row the store refuses stands alone in the dead letters", async () => {
  const world = await openWorld((deps) => ({
    archive: {
      ...deps.archive,
      put: async (events) => {
        if (events.some(({ event_id }) => event_id === "e3")) throw new RefusedError("no such row");
        return deps.archive.put(events);
      },
    },
  }));
  for (const second of [1, 2, 3, 4, 5]) {
    await world.publish(eventAt(second, { user_id: `u${second}`, item_id: "i1" }));
  }
  await running(world);
  for (const user of ["u1", "u2", "u4", "u5"]) {
    await vi.waitFor(async () => expect(await world.stored(world.keyOf(user))).toBeDefined());
  }
  await vi.waitFor(async () => {
    const { letters } = await world.base.deadLetters.list(1, { limit: 10 });
    expect(letters.map(({ code, eventId }) => [code, eventId])).toEqual([["STORE_REFUSED", "e3"]]);
  });
});

test("one person who cannot be built loses nobody else, and ends in the dead letters", async () => {
  let tries = 0;
  const poisoned = { key: "" };
  const world = await openWorld((deps) => ({
    models: {
      ...deps.models,
      save: async (key, model, version) => {
        if (key === poisoned.key) {
          tries += 1;
          throw new TypeError("a fault of ours");
        }
        return deps.models.save(key, model, version);
      },
    },
  }));
  poisoned.key = world.keyOf("bad");
  await world.publish(eventAt(1, { user_id: "bad", item_id: "i1" }));
  await world.publish(eventAt(2, { user_id: "good", item_id: "i1" }));
  await running(world);
  await vi.waitFor(async () => expect(await world.stored(world.keyOf("good"))).toBeDefined());
  await vi.waitFor(async () => {
    const { letters } = await world.base.deadLetters.list(1, { limit: 10 });
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ code: "HANDLER_FAILED", eventId: "e1" });
    expect(letters[0]?.detail).toContain("a fault of ours");
  });
  expect(tries).toBe(5);
});

test("a linked device's events move to the user, whichever buffer was lost", async () => {
  const world = await openWorld();
  await running(world);
  await world.publish(eventAt(1, { anonymous_id: "a1", item_id: "i1" }));
  const device = world.keyOf("a1", "anonymous");
  const user = world.keyOf("u1");
  await vi.waitFor(async () => expect(await world.stored(device)).toBeDefined());
  world.userState.forget(device);
  await world.publish(eventAt(2, { anonymous_id: "a1", user_id: "u1", item_id: "i2" }));
  await vi.waitFor(async () => expect((await world.stored(user))?.n_events).toBe(2));
  expect(await world.stored(user)).toEqual(await world.oracle(user));
  expect(await world.stored(device)).toEqual(await world.oracle(user));
  await world.publish(eventAt(3, { anonymous_id: "a1", item_id: "i3" }));
  await vi.waitFor(async () => expect((await world.stored(user))?.n_events).toBe(3));
});

test("a refresh is served from the archive when the buffer is gone, and unknown ids leave nothing", async () => {
  const world = await openWorld();
  await running(world);
  await world.publish(eventAt(1, { anonymous_id: "a1", user_id: "u1", item_id: "i1" }));
  const user = world.keyOf("u1");
  await vi.waitFor(async () => expect(await world.stored(user)).toBeDefined());
  world.userState.forget(user);
  expect(await world.stored(user)).toBeUndefined();
  const request = { project_id: 1, user_id: "a1", reason: "missing" as const };
  await world.base.bus.publish(subjects.userRefreshRequested, request);
  await vi.waitFor(async () => expect(await world.stored(user)).toEqual(await world.oracle(user)));
  const before = world.userState.size();
  await world.base.bus.publish(subjects.userRefreshRequested, { ...request, user_id: "nobody" });
  await vi.waitFor(async () =>
    expect(await world.metricsText()).toContain('model_refresh_total{result="unknown"} 3'),
  );
  expect(world.userState.size()).toBe(before);
});

test("changed content rebuilds the models it touches, and only those", async () => {
  const world = await openWorld();
  await running(world);
  await world.publish(eventAt(1, { user_id: "u1", item_id: "i1" }));
  await world.publish(eventAt(2, { user_id: "u2", item_id: "i2" }));
  const [one, two] = [world.keyOf("u1"), world.keyOf("u2")];
  await vi.waitFor(async () => {
    expect(await world.stored(one)).toBeDefined();
    expect(await world.stored(two)).toBeDefined();
  });
  const before = await world.base.models.get(two);
  const item = { item_id: "i1", title: "New", tags: [{ facet: "theme", label: "other" }] };
  const { version, upserted } = await world.catalogue.put(1, [item]);
  await world.base.bus.publish(subjects.contentChanged, {
    project_id: 1,
    version,
    upserted,
    removed: [],
  });
  await vi.waitFor(async () => {
    expect((await world.stored(one))?.tag_affinity).toEqual({ "theme:other": 1 });
  });
  expect(await world.base.models.get(two)).toEqual(before);
  expect(await world.base.models.get(one)).toMatchObject({ contentVersion: version });
});

test("dead letters of other apps become rows, unreadable ones too", async () => {
  const world = await openWorld();
  await running(world);
  const body = JSON.stringify({ user_id: "u9", event_id: "z" });
  await world.base.bus.publish(deadLettersOf("recommender"), {
    app: "recommender",
    code: "HANDLER_FAILED",
    detail: "why",
    received_at: new Date(DAY).toISOString(),
    project_id: 1,
    body,
    truncated: false,
  });
  await world.base.bus.publish(deadLettersOf("recommender"), { nothing: 1 } as never);
  await vi.waitFor(async () => {
    const { letters } = await world.base.deadLetters.list(1, { limit: 10 });
    expect(letters).toMatchObject([{ app: "recommender", body, userKey: world.keyOf("u9") }]);
    const none = await world.base.deadLetters.list(0, { limit: 10 });
    expect(none.letters).toMatchObject([{ app: "user-model-updater", code: "INVALID_EVENT" }]);
  });
});

test("rebuild needs the admin scope and derives models from the archive again", async () => {
  const world = await openWorld();
  const app = await running(world);
  await world.publish(eventAt(1, { user_id: "u1", item_id: "i1" }));
  const key = world.keyOf("u1");
  await vi.waitFor(async () => expect(await world.stored(key)).toBeDefined());
  world.userState.forget(key);
  const call = async (apiKey: string, body: unknown) =>
    app.fetch(
      new Request("http://local/api/rebuild", {
        method: "POST",
        headers: { "x-api-key": apiKey },
        body: JSON.stringify(body),
      }),
    );
  const [admin, writer] = [await world.issue(["admin"]), await world.issue(["write"])];
  expect((await call(writer, { all: true })).status).toBe(403);
  expect((await call(admin, {})).status).toBe(422);
  const named = await call(admin, { user_ids: ["u1", "nobody"] });
  expect(await named.json()).toEqual({ rebuilt: 1, unknown: ["nobody"] });
  expect(await world.stored(key)).toEqual(await world.oracle(key));
  world.userState.forget(key);
  expect(await (await call(admin, { all: true })).json()).toEqual({ rebuilt: 1, unknown: [] });
  expect(await world.stored(key)).toEqual(await world.oracle(key));
});

test("an erased person stays erased, also when a batch under way put events back", async () => {
  const world = await openWorld();
  await running(world);
  const event = eventAt(1, { user_id: "u1", item_id: "i1" });
  await world.publish(event);
  const key = world.keyOf("u1");
  await vi.waitFor(async () => expect(await world.stored(key)).toBeDefined());
  await world.base.archive.erase(1, key, world.now());
  await world.base.buffer.erase(key, world.now());
  await world.base.models.erase(key, world.now());
  await world.base.buffer.append(key, [event], { fill: true });
  await world.base.bus.publish(subjects.userErased, {
    project_id: 1,
    user_id: "u1",
    erased_at: new Date(world.now()).toISOString(),
  });
  await vi.waitFor(async () => {
    expect(await world.base.buffer.read(key)).toMatchObject({ status: "ok", events: [] });
  });
  await world.publish({ ...event, event_id: "later copy" });
  await world.publish(event);
  await vi.waitFor(async () =>
    expect(await world.metricsText()).toContain('updater_events_total{result="erased"} 2'),
  );
  expect(await world.base.buffer.read(key)).toMatchObject({ events: [] });
  expect(await world.stored(key)).toBeUndefined();
});

test("a message that ends the process is tried alone once, then put aside", async () => {
  const world = await openWorld((deps) => ({
    bus: {
      ...deps.bus,
      consume: (spec, handler) =>
        deps.bus.consume(spec, (batch) =>
          handler(batch.map((one) => ({ ...one, attempt: one.attempt + 5 }))),
        ),
    },
  }));
  const written: NewDeadLetter[] = [];
  const { deadLetters } = world.base;
  const original: typeof deadLetters.put = (letters) => store(letters);
  const store = deadLetters.put.bind(deadLetters);
  deadLetters.put = async (letters) => {
    written.push(...letters);
    await original(letters);
  };
  await running(world);
  const event = eventAt(1, { user_id: "u1", item_id: "i1" });
  await world.publish(event);
  const key = world.keyOf("u1");
  await vi.waitFor(async () => expect(await world.stored(key)).toBeDefined());
  await vi.waitFor(async () =>
    expect((await deadLetters.list(1, { limit: 10 })).letters).toEqual([]),
  );
  expect(written).toMatchObject([{ projectId: 1, userKey: world.keyOf("u1") }]);
  // As a process leaves it that was ended by the message.
  await original(written);
  world.userState.forget(key);
  await world.publish(event);
  await vi.waitFor(async () =>
    expect(await world.metricsText()).toContain('dlq_added_total{reason="HANDLER_FAILED"} 1'),
  );
  expect(await world.stored(key)).toBeUndefined();
  expect((await deadLetters.list(1, { limit: 10 })).letters).toHaveLength(1);
});
