import { recommendResponse, subjects, type UserRefreshRequested } from "@signalpath/contracts";
import { UnavailableError, type ItemStats, type UserModelStore } from "@signalpath/ports";
import { afterEach, describe, expect, test, vi } from "vitest";

import { openWorld, type World } from "./test-world.ts";

const opened: World[] = [];
async function open(change?: Parameters<typeof openWorld>[0]): Promise<World> {
  const world = await openWorld(change);
  opened.push(world);
  return world;
}
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

async function recommend(world: World, userId: string) {
  const response = await world.request(`/api/recommend?user_id=${userId}`);
  expect(response.status).toBe(200);
  return recommendResponse.parse(await response.json());
}

/** A model store that does as it is told. */
function moody(models: UserModelStore) {
  const mood = { now: "well" as "well" | "down" | "silent" | "nonsense" };
  const get: UserModelStore["get"] = (key, known) => {
    if (mood.now === "down") return Promise.reject(new UnavailableError("redis", "refused"));
    if (mood.now === "silent") return new Promise(() => {});
    if (mood.now === "nonsense") return Promise.reject(new SyntaxError("not a model"));
    return models.get(key, known);
  };
  return { mood, models: { ...models, get } };
}

describe.each(["down", "silent", "nonsense"] as const)("a model store that is %s", (state) => {
  test("costs the newest model, never the answer", async () => {
    let mood: { now: string } = { now: "well" };
    const world = await open((deps) => {
      const store = moody(deps.models);
      mood = store.mood;
      return { models: store.models, settings: { modelDeadlineMs: 20 } };
    });
    await world.like("ann", "bread-1");
    const before = await recommend(world, "ann");
    mood.now = state;
    const known = await recommend(world, "ann");
    expect(known.diagnostics.degraded).toEqual(["model_store"]);
    expect(known.items).toEqual(before.items);
    expect(known.strategy).toBe("warm");
    const stranger = await recommend(world, "bob");
    expect(stranger).toMatchObject({ strategy: "cold", model_revision: null });
    expect(stranger.diagnostics.degraded).toEqual(["model_store"]);
    expect(stranger.items.length).toBeGreaterThan(0);
    mood.now = "well";
    expect((await recommend(world, "ann")).diagnostics.degraded).toEqual([]);
    const text = await world.metrics.text();
    expect(text).toContain('recommend_source_total{source="model"} 2');
    expect(text).toContain('recommend_source_total{source="stale"} 1');
    expect(text).toContain('recommend_source_total{source="fallback"} 1');
  });
});

test("a store that is down flips readiness only", async () => {
  const world = await open((deps) => ({
    models: {
      ...deps.models,
      check: () => Promise.reject(new UnavailableError("redis", "refused")),
    },
  }));
  const ready = await world.request("/readyz", { key: null });
  expect(ready.status).toBe(503);
  expect(((await ready.json()) as { dependencies: object }).dependencies).toEqual({
    model_store: "down: refused",
    content: "up",
  });
  expect((await world.request("/livez", { key: null })).status).toBe(200);
  expect((await world.request("/api/recommend?user_id=u")).status).toBe(200);
});

test("a model that was known and is gone is said to be missing, and is not used any more", async () => {
  const world = await open();
  await world.like("ann", "bread-1");
  expect((await recommend(world, "ann")).strategy).toBe("warm");
  await world.models.erase(world.keyOf("ann"), 0);
  const gone = await recommend(world, "ann");
  expect(gone.strategy).toBe("cold");
  expect(gone.diagnostics.degraded).toEqual(["model_missing"]);
  expect((await recommend(world, "ann")).diagnostics.degraded).toEqual([]);
});

test("an erased person is not served from memory, even when the store is down", async () => {
  let mood: { now: string } = { now: "well" };
  const world = await open((deps) => {
    const store = moody(deps.models);
    mood = store.mood;
    return { models: store.models };
  });
  await world.like("ann", "bread-1");
  await world.like("bob", "bread-1");
  await recommend(world, "ann");
  await recommend(world, "bob");
  await world.bus.publish(subjects.userErased, {
    project_id: world.project.id,
    user_id: "ann",
    erased_at: new Date(world.clock.now()).toISOString(),
  });
  mood.now = "down";
  await vi.waitFor(async () => expect((await recommend(world, "ann")).strategy).toBe("cold"));
  expect((await recommend(world, "bob")).strategy).toBe("warm");
});

describe("statistics and content", () => {
  test("statistics that cannot be read are reported; the list is full all the same", async () => {
    const itemHours: ItemStats["itemHours"] = () =>
      Promise.reject(new UnavailableError("postgres", "gone"));
    const world = await open((deps) => ({
      itemStats: { itemHours, neighbours: deps.itemStats.neighbours },
    }));
    const list = await recommend(world, "u");
    expect(list.diagnostics.degraded).toEqual(["item_stats"]);
    expect(list.items).toHaveLength(10);
  });

  test("a content store that fails gives an empty list that says so", async () => {
    const world = await open((deps) => ({
      content: {
        ...deps.content,
        newest: () => Promise.reject(new UnavailableError("qdrant", "gone")),
      },
    }));
    const list = await recommend(world, "u");
    expect(list.items).toEqual([]);
    expect(list.diagnostics.degraded).toEqual(["content_store"]);
  });

  test("a stand-in that answers for the content store is said, and only while it does", async () => {
    let standIn = false;
    const world = await open((deps) => ({
      content: {
        ...deps.content,
        newest: (...asked) => {
          standIn = true;
          return deps.content.newest(...asked);
        },
        degraded: () => standIn,
      },
    }));
    const list = await recommend(world, "u");
    expect(list.items.length).toBeGreaterThan(0);
    expect(list.diagnostics.degraded).toEqual(["content_store"]);
    standIn = false;
    expect((await recommend(world, "u")).diagnostics.degraded).toEqual([]);
  });

  test("no content at all is an empty list that says so", async () => {
    const world = await open(() => ({
      catalogue: { changes: async () => [], version: async () => 0 },
    }));
    const list = await recommend(world, "u");
    expect(list.items).toEqual([]);
    expect(list.diagnostics.degraded).toEqual(["no_content"]);
  });
});

describe("refresh requests", () => {
  function heardIn(world: World) {
    const heard: UserRefreshRequested[] = [];
    return world.bus
      .hear(subjects.userRefreshRequested.name, ({ body }) => {
        heard.push(JSON.parse(body) as UserRefreshRequested);
      })
      .then(() => heard);
  }

  test("a missing model is asked for once a minute a person", async () => {
    const world = await open();
    const heard = await heardIn(world);
    for (let n = 0; n < 3; n++) await recommend(world, "ann");
    await recommend(world, "bob");
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    world.clock.advance(60_000);
    await recommend(world, "ann");
    await vi.waitFor(() => expect(heard).toHaveLength(3));
    expect(heard[0]).toEqual({ project_id: 1, user_id: "ann", reason: "missing" });
    expect(heard.map((body) => body.user_id)).toEqual(["ann", "bob", "ann"]);
  });

  test("an old model is served and asked for again; a current one is not", async () => {
    const world = await open();
    const heard = await heardIn(world);
    await world.like("ann", "bread-1");
    await recommend(world, "ann");
    world.clock.advance(13 * 3_600_000);
    expect((await recommend(world, "ann")).strategy).toBe("warm");
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toEqual({ project_id: 1, user_id: "ann", reason: "stale" });
    expect(await world.metrics.text()).toContain('recommend_source_total{source="stale"} 1');
  });

  test("a bus that is down costs a count, not the answer", async () => {
    const world = await open((deps) => ({
      bus: {
        ...deps.bus,
        publish: () => Promise.reject(new UnavailableError("nats", "gone")),
      },
    }));
    expect((await recommend(world, "ann")).items.length).toBeGreaterThan(0);
    await vi.waitFor(async () =>
      expect(await world.metrics.text()).toContain(
        'refresh_requests_total{reason="missing",outcome="failed"} 1',
      ),
    );
  });
});
