import { hash32, type ContentItem, type TagWeights } from "@signalpath/domain";
import {
  createMemoryContentStore,
  RefusedError,
  UnavailableError,
  type ContentFilter,
  type ContentStore,
} from "@signalpath/ports";
import { contentItem } from "@signalpath/ports/contract-suites";
import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { openQdrant, type OpenQdrantOptions } from "./client.ts";
import { createQdrantContentStore } from "./content-store.ts";
import { startQdrantDouble, type QdrantDouble } from "./testing/qdrant-double.ts";

const nowMs = Date.UTC(2026, 5, 12);
const topic = (...labels: string[]) => labels.map((label) => ({ facet: "topic", label }));

let double: QdrantDouble;
beforeEach(async () => {
  const started = await startQdrantDouble();
  double = started;
  return () => started.close();
});
const open = (
  options: OpenQdrantOptions = {},
  more: Parameters<typeof createQdrantContentStore>[1] = {},
) => createQdrantContentStore(openQdrant(double.url, options), more);

describe("the same answers as the in-process store", () => {
  const label = fc.constantFrom("x", "y", "z", "Old Town", "war");
  const item = fc.record(
    {
      item_id: fc.constantFrom(...Array.from({ length: 30 }, (_, i) => `item-with-long-id-${i}`)),
      title: fc.constantFrom("Café", "Roads", "cafe on the corner"),
      tags: fc.array(label, { maxLength: 3 }).map((labels) => topic(...labels)),
      vector: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 3 }),
      lat: fc.integer({ min: -2, max: 2 }),
      lon: fc.constantFrom(0, 1, 179.5, -179.5),
      published_at: fc.constantFrom(
        "2026-01-01T00:00:00Z",
        "1969-05-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
      ),
      expires_at: fc.constantFrom("2025-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
    },
    { requiredKeys: ["item_id", "title", "tags"] },
  ) as fc.Arbitrary<ContentItem>;
  const filter = fc.record(
    {
      nowMs: fc.constant(nowMs),
      seen: fc.constantFrom(new Set([hash32("item-with-long-id-3")])),
      exclude: fc.constantFrom(new Set(["item-with-long-id-7"])),
      tag: fc.constantFrom("topic:x", "topic:old town"),
      within: fc.constantFrom({ point: { lat: 0, lon: 0 }, radiusM: 200_000 }),
    },
    { requiredKeys: ["nowMs"] },
  ) as fc.Arbitrary<ContentFilter>;
  const weights: fc.Arbitrary<TagWeights> = fc.dictionary(
    label.map((text) => `topic:${text.toLowerCase()}`),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );

  test("of every search, filter and page", async () => {
    const run = async (
      items: ContentItem[],
      asked: ContentFilter,
      given: TagWeights,
      k: number,
    ) => {
      double.drop();
      const stores = [createMemoryContentStore(), open()] as const;
      const answers = await Promise.all(
        stores.map(async (store) => {
          await store.upsert(1, items);
          await store.remove(1, ["item-with-long-id-5"]);
          return {
            vector: await store.searchVector(1, Float32Array.of(1, 0.5), k, asked),
            tags: await store.searchTags(1, given, k, asked),
            near: await store.near(1, { lat: 0.1, lon: 179.9 }, k, asked),
            newest: await store.newest(1, k, asked),
            page: await store.list(1, { limit: k, query: "CAFE", cursor: "item-with-long-id-1" }),
            tagged: await store.list(1, { limit: k, tag: "Topic:X" }),
            keys: await store.tagKeys(1, ["x", "old town", "none"]),
            size: await store.size(1),
          };
        }),
      );
      expect(answers[1]).toEqual(answers[0]);
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 40 }),
        filter,
        weights,
        fc.integer({ min: 0, max: 9 }),
        run,
      ),
      { numRuns: 20 },
    );
  });

  test("where a tie is longer than one request, and where more is left out than a filter may name", async () => {
    const ids = Array.from({ length: 700 }, (_, i) => `i${String(i).padStart(4, "0")}`);
    const parts = {
      vector: [1, 1],
      tags: topic("x"),
      lat: 1,
      lon: 1,
      published_at: "2026-01-01T00:00:00Z",
    };
    const store = open();
    await store.upsert(
      1,
      ids.toReversed().map((id) => contentItem(id, parts)),
    );
    const seen = new Set([...Array.from({ length: 5_000 }, (_, i) => i), hash32("i0001")]);
    const all = { nowMs, seen };
    const expected = ["i0000", "i0002", "i0003"];
    for (const found of [
      await store.searchVector(1, Float32Array.of(1, 0), 3, all),
      await store.searchTags(1, { "topic:x": 1 }, 3, all),
      await store.near(1, { lat: 1, lon: 1 }, 3, all),
      await store.newest(1, 3, all),
    ]) {
      expect(found.map(({ item: { item_id } }) => item_id)).toEqual(expected);
    }
  });

  test("a tie longer than the candidates is cut, and said", async () => {
    const cuts: string[] = [];
    const store = open({}, { maxCandidates: 20, onCut: (search) => cuts.push(search) });
    const parts = { vector: [1, 1], tags: topic("x"), lat: 1, lon: 1 };
    await store.upsert(
      1,
      Array.from({ length: 50 }, (_, i) => contentItem(`i${i}`, parts)),
    );
    expect(await store.searchVector(1, Float32Array.of(1, 0), 5, { nowMs })).toHaveLength(5);
    expect(await store.searchTags(1, { "topic:x": 1 }, 5, { nowMs })).toHaveLength(5);
    expect(await store.near(1, { lat: 1, lon: 1 }, 5, { nowMs })).toHaveLength(5);
    expect(cuts).toEqual(["vector", "tags", "near"]);
  });
});

describe("collections", () => {
  test("are made once, also by two stores at once, and every request names the project", async () => {
    const [one, two] = [open(), open()];
    const item = contentItem("a", { vector: [1, 0] });
    await Promise.all([one.upsert(1, [item]), two.upsert(2, [{ ...item, title: "two" }])]);
    expect([...double.collections.keys()].sort()).toEqual([
      "signalpath_content",
      "signalpath_content_2",
    ]);
    expect((await two.get(1, ["a"]))[0]?.title).toBe("Title of a");
    await one.remove(1, ["a"]);
    expect(await one.get(1, ["a"])).toEqual([]);
    expect((await one.get(2, ["a"]))[0]?.title).toBe("two");
    expect(await one.searchVector(2, Float32Array.of(1, 0), 5, { nowMs })).toHaveLength(1);
  });

  test("a vector that changes its length, or goes, leaves its old collection", async () => {
    const store = open();
    await store.upsert(1, [contentItem("a", { vector: [1, 0] })]);
    await store.upsert(1, [contentItem("a", { vector: [1, 0, 0] })]);
    expect(double.collections.get("signalpath_content_2")?.info().points_count).toBe(0);
    expect(await store.searchVector(1, Float32Array.of(1, 0, 0), 5, { nowMs })).toHaveLength(1);
    await store.upsert(1, [contentItem("a")]);
    expect(double.collections.get("signalpath_content_3")?.info().points_count).toBe(0);
    expect(await store.size(1)).toBe(1);
  });

  test("one that is gone fails the check", async () => {
    const store = open();
    await store.check();
    double.drop();
    await expect(store.check()).rejects.toThrow(UnavailableError);
    await expect(store.size(1)).rejects.toThrow(UnavailableError);
  });
});

describe("a write that is cut short", () => {
  test("is never seen as half an item, and the same call completes it", async () => {
    const store = open();
    await store.upsert(1, [contentItem("a", { vector: [1, 0], title: "old" })]);
    double.mood = (request) =>
      request === "PUT /collections/signalpath_content/points" ? 500 : undefined;
    const changed = [
      contentItem("a", { vector: [0, 1], title: "new" }),
      contentItem("b", { vector: [1, 0] }),
    ];
    await expect(store.upsert(1, changed)).rejects.toThrow(UnavailableError);
    double.mood = () => undefined;
    const [found, ...others] = await store.searchVector(1, Float32Array.of(1, 0), 5, { nowMs });
    expect(found).toMatchObject({ item: { title: "old" }, score: 1 });
    expect(others).toEqual([]);
    await store.upsert(1, changed);
    const after = await store.searchVector(1, Float32Array.of(0, 1), 5, { nowMs });
    expect(after.map(({ item }) => item.title)).toEqual(["new", "Title of b"]);
  });

  test("a removal that did not reach the vectors is complete for every search", async () => {
    const store = open();
    await store.upsert(1, [contentItem("a", { vector: [1, 0] })]);
    double.mood = (request) => (request.includes("content_2/points/delete") ? 503 : undefined);
    await expect(store.remove(1, ["a"])).rejects.toThrow(UnavailableError);
    expect(await store.searchVector(1, Float32Array.of(1, 0), 5, { nowMs })).toEqual([]);
    expect(await store.get(1, ["a"])).toEqual([]);
  });
});

describe("a server that is not well", () => {
  const calls: [string, (store: ContentStore) => Promise<unknown>][] = [
    ["upsert", (store) => store.upsert(1, [contentItem("a")])],
    ["remove", (store) => store.remove(1, ["a"])],
    ["get", (store) => store.get(1, ["a"])],
    ["searchVector", (store) => store.searchVector(1, Float32Array.of(1, 0), 1, { nowMs })],
    ["searchTags", (store) => store.searchTags(1, { "topic:x": 1 }, 1, { nowMs })],
    ["near", (store) => store.near(1, { lat: 0, lon: 0 }, 1, { nowMs })],
    ["newest", (store) => store.newest(1, 1, { nowMs })],
    ["list", (store) => store.list(1, { limit: 1 })],
    ["tagKeys", (store) => store.tagKeys(1, ["x"])],
    ["size", (store) => store.size(1)],
    ["check", (store) => store.check()],
  ];

  test.each(calls)("down: %s is unavailable, then works", async (_name, call) => {
    const store = open();
    double.mood = () => 503;
    await expect(call(store)).rejects.toMatchObject({
      name: "UnavailableError",
      dependency: "qdrant",
    });
    double.mood = () => undefined;
    await call(store);
    double.mood = () => 500;
    await expect(call(store)).rejects.toThrow(UnavailableError);
  });

  test.each(calls)("silent: %s ends at its deadline", async (_name, call) => {
    const store = open({ timeoutMs: 30 });
    double.mood = () => "stall";
    await expect(call(store)).rejects.toThrow(UnavailableError);
  });

  test("nobody listens", async () => {
    const gone = await startQdrantDouble();
    await gone.close();
    const store = createQdrantContentStore(openQdrant(gone.url));
    await expect(store.size(1)).rejects.toThrow(/qdrant|fetch failed|ECONNREFUSED/);
    await expect(store.size(1)).rejects.toThrow(UnavailableError);
  });

  test("what it will never take is refused, not unavailable", async () => {
    const store = open();
    await store.check();
    double.mood = (request) => (request.endsWith("/points") ? 413 : undefined);
    await expect(store.upsert(1, [contentItem("a")])).rejects.toThrow(RefusedError);
  });

  test("a key is sent; a wrong one is unavailable", async () => {
    const locked = await startQdrantDouble("right");
    onTestFinished(() => locked.close());
    const sizeWith = (apiKey: string) =>
      createQdrantContentStore(openQdrant(locked.url, { apiKey })).size(1);
    expect(await sizeWith("right")).toBe(0);
    await expect(sizeWith("wrong")).rejects.toThrow(/API key.*401/);
  });
});

test("a text that is no URL of a server is refused at once", () => {
  expect(() => openQdrant("localhost:6333")).toThrow(TypeError);
  expect(() => openQdrant("")).toThrow(TypeError);
});
