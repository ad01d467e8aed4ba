import { subjects } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";
import {
  createManualClock,
  createMemoryBus,
  createMemoryCatalogue,
  createMemoryContentStore,
  createMemoryProjects,
  UnavailableError,
  type Catalogue,
} from "@signalpath/ports";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";

import {
  createContentFeed,
  type ContentFeedDeps,
  type ItemSpace,
  type ItemSpaces,
} from "./content-feed.ts";
import { createLogger } from "./logger.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const item = (id: string | number, title = "t"): ContentItem => ({
  item_id: String(id),
  title,
  tags: [],
});

async function open(change: Partial<ContentFeedDeps> = {}) {
  const clock = createManualClock();
  const { now } = clock;
  const catalogue = createMemoryCatalogue();
  const projects = createMemoryProjects({ now });
  const store = createMemoryContentStore();
  const bus = createMemoryBus({ now });
  const reconnects: (() => void)[] = [];
  const feed = createContentFeed({
    catalogue,
    projects,
    store,
    bus: {
      hear: bus.hear.bind(bus),
      onReconnect(listener) {
        reconnects.push(listener);
        return () => void reconnects.splice(reconnects.indexOf(listener), 1);
      },
    },
    now,
    logger: createLogger({ service: "test", level: "silent" }),
    retryMs: 5,
    ...change,
  });
  closers.push(
    () => bus.close(),
    () => feed.close(),
  );
  const { id } = await projects.create("shop");
  return {
    feed,
    catalogue,
    projects,
    store,
    bus,
    id,
    reconnects,
    announce: (version: number) =>
      bus.publish(subjects.contentChanged, { project_id: id, version, upserted: [], removed: [] }),
    ids: async () =>
      (await store.list(id, { limit: 5_000 })).items.map((one) => one.item_id).toSorted(),
  };
}

test("loads every project at the start, over many pages, without what was removed", async () => {
  const world = await open();
  const { catalogue, feed, id } = world;
  await catalogue.put(
    id,
    Array.from({ length: 2_500 }, (_, n) => item(n)),
  );
  await catalogue.remove(id, ["7"]);
  const second = await world.projects.create("second");
  await catalogue.put(second.id, [item("other")]);
  expect(feed.version(id)).toBe(0);
  expect(feed.stale()).toBe(true);
  await expect(feed.check()).rejects.toThrow("not loaded");
  await feed.start();
  expect(await world.store.size(id)).toBe(2_499);
  expect(await world.store.size(second.id)).toBe(1);
  expect(feed.version(id)).toBe(2);
  expect(feed.stale()).toBe(false);
  await feed.check();
});

test("applies what is announced, also for a project that is new", async () => {
  const world = await open();
  await world.feed.start();
  await world.catalogue.put(world.id, [item("a"), item("b")]);
  await world.announce(1);
  await vi.waitFor(() => expect(world.feed.version(world.id)).toBe(1));
  await world.catalogue.remove(world.id, ["a"]);
  await world.announce(2);
  await vi.waitFor(async () => expect(await world.ids()).toEqual(["b"]));
});

test("an announcement that was lost is made up for on reconnect", async () => {
  const world = await open();
  await world.feed.start();
  await world.catalogue.put(world.id, [item("a")]);
  for (const reconnected of world.reconnects) reconnected();
  await vi.waitFor(() => expect(world.feed.version(world.id)).toBe(1));
});

test("an announcement that was lost is made up for at the next re-reading", async () => {
  const world = await open({ refreshMs: 5 });
  await world.feed.start();
  await world.catalogue.put(world.id, [item("a")]);
  await vi.waitFor(() => expect(world.feed.version(world.id)).toBe(1));
});

test("a catalogue that is down at the start is read when it is back", async () => {
  let down = true;
  const catalogue = createMemoryCatalogue();
  const world = await open({
    catalogue: {
      version: catalogue.version.bind(catalogue),
      changes: (...args) =>
        down
          ? Promise.reject(new UnavailableError("postgres", "gone"))
          : catalogue.changes(...args),
    },
  });
  await catalogue.put(world.id, [item("a")]);
  await world.feed.start();
  expect(world.feed.version(world.id)).toBe(0);
  await expect(world.feed.catchUp(world.id, 1)).rejects.toThrow(UnavailableError);
  down = false;
  await vi.waitFor(() => expect(world.feed.version(world.id)).toBe(1));
  expect(world.feed.stale()).toBe(false);
});

test("catchUp reads once for many callers and not at all for a version it has", async () => {
  const catalogue = createMemoryCatalogue();
  const changes = vi.fn<Catalogue["changes"]>(catalogue.changes.bind(catalogue));
  const world = await open({
    catalogue: { version: catalogue.version.bind(catalogue), changes },
  });
  await world.feed.start();
  await catalogue.put(world.id, [item("a")]);
  changes.mockClear();
  await Promise.all([1, 2, 3].map(() => world.feed.catchUp(world.id, 1)));
  expect(changes).toHaveBeenCalledTimes(2);
  await world.feed.catchUp(world.id, 1);
  expect(changes).toHaveBeenCalledTimes(2);
});

test("a catalogue that went back in time is loaded afresh", async () => {
  let catalogue = createMemoryCatalogue();
  const world = await open({
    catalogue: {
      version: (...args) => catalogue.version(...args),
      changes: (...args) => catalogue.changes(...args),
    },
  });
  await catalogue.put(world.id, [item("old")]);
  await catalogue.put(world.id, [item("older")]);
  await world.feed.start();
  catalogue = createMemoryCatalogue();
  await catalogue.put(world.id, [item("new")]);
  for (const reconnected of world.reconnects) reconnected();
  await vi.waitFor(async () => expect(await world.ids()).toEqual(["new"]));
  expect(world.feed.version(world.id)).toBe(1);
});

test("messages that are no announcement are ignored", async () => {
  const world = await open();
  await world.feed.start();
  const broken = { ...subjects.contentChanged, name: subjects.contentChanged.name };
  await world.bus.publish(broken, { project_id: 0, version: "x" } as never).catch(() => {});
  await world.catalogue.put(world.id, [item("a")]);
  await world.announce(1);
  await vi.waitFor(() => expect(world.feed.version(world.id)).toBe(1));
});

test("after any history of writes and announcements the index equals the catalogue", async () => {
  const step = fc.oneof(
    fc.record({
      put: fc.array(fc.tuple(fc.nat(8), fc.constantFrom("x", "y")), { minLength: 1, maxLength: 5 }),
    }),
    fc.record({ remove: fc.array(fc.nat(8), { minLength: 1, maxLength: 3 }) }),
    fc.record({ announce: fc.nat(3) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const world = await open();
      await world.feed.start();
      for (const one of steps) {
        if ("put" in one) {
          await world.catalogue.put(
            world.id,
            one.put.map(([n, title]) => item(n, title)),
          );
        } else if ("remove" in one) await world.catalogue.remove(world.id, one.remove.map(String));
        else {
          const version = await world.catalogue.version(world.id);
          await world.announce(Math.max(0, version - one.announce));
        }
      }
      await world.feed.catchUp(world.id, await world.catalogue.version(world.id));
      const all = Array.from({ length: 9 }, (_, n) => String(n));
      const expected = await world.catalogue.get(world.id, all);
      const { items } = await world.store.list(world.id, { limit: 100 });
      expect(items.toSorted((a, b) => Number(a.item_id) - Number(b.item_id))).toEqual(
        expected.toSorted((a, b) => Number(a.item_id) - Number(b.item_id)),
      );
    }),
    { numRuns: 40 },
  );
});

test("another space changes all vectors and their name in one step", async () => {
  let serving: ItemSpace | undefined;
  const listeners: ((projectId: number) => void)[] = [];
  const change = (id: number, space: ItemSpace | undefined) => {
    serving = space;
    for (const listener of listeners) listener(id);
  };
  const spaces: ItemSpaces = {
    current: () => serving,
    onChange(listener) {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
  const { feed, catalogue, store, id } = await open({ spaces });
  const many = Array.from({ length: 2_500 }, (_, i) => ({ ...item(i), vector: [1, 0] }));
  await catalogue.put(id, many);
  await feed.start();
  const of = (name: string, value: number): ItemSpace => ({
    id: name,
    version: 1,
    vectorOf: ({ item_id }) => (item_id === "7" ? undefined : [value, value, 1]),
  });
  const firstOf = async () =>
    (await store.list(id, { limit: 3_000 })).items.map(({ vector }) => vector?.join());
  const seen: string[] = [];
  const enough = new AbortController();
  const watch = (async () => {
    while (!enough.signal.aborted) {
      const space = feed.space(id)?.id ?? "content";
      seen.push(`${space}: ${[...new Set(await firstOf())].join(" ")}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  // Nothing of a space reaches a shared store.
  const told: string[] = [];
  store.hold = () => void told.push(`hold ${feed.space(id)?.id ?? "content"}`);
  store.release = () => void told.push("release");
  change(id, of("sp-a", 2));
  await vi.waitFor(() => expect(feed.space(id)?.id).toBe("sp-a"), 30_000);
  await catalogue.put(id, [{ ...item("new"), vector: [0, 1] }]);
  await feed.catchUp(id, await catalogue.version(id));
  change(id, of("sp-b", 3));
  await vi.waitFor(() => expect(feed.space(id)?.id).toBe("sp-b"), 30_000);
  change(id, undefined);
  await vi.waitFor(() => expect(feed.space(id)).toBeUndefined(), 30_000);
  await vi.waitFor(() => expect(told).toEqual(["hold content", "hold sp-a", "release"]), 30_000);
  enough.abort();
  await watch;
  const { item_id: _, ...fresh } = (await store.get(id, ["new"]))[0]!;
  expect(fresh.vector).toEqual([0, 1]);
  // Never two spaces at once, and never under another's name; item 7 has no place in either.
  for (const state of new Set(seen)) {
    const [space = "", found = ""] = state.split(": ");
    const own: Record<string, string[]> = {
      content: ["0,1", "1,0"],
      "sp-a": ["2,2,1"],
      "sp-b": ["3,3,1"],
    };
    expect(own[space]).toEqual(
      expect.arrayContaining(found.split(" ").filter((vector) => vector !== "")),
    );
  }
  expect(new Set(seen).size).toBeGreaterThan(1);
});
