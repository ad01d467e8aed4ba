import { describe, expect, test } from "vitest";

import { contentStoreContract } from "./contract.ts";
import { createMemoryContentStore } from "./memory.ts";
import { CONTENT_NOW_MS, contentItem, idsOf } from "./under-test.ts";

describe("memory content store", () => {
  contentStoreContract(async () => createMemoryContentStore());
});

test("what the caller does to an item afterwards does not reach the store", async () => {
  const store = createMemoryContentStore();
  const item = contentItem("a", { vector: [1, 0], tags: [{ facet: "topic", label: "x" }] });
  await store.upsert(1, [item]);
  item.title = "changed";
  item.tags[0]!.label = "y";
  item.vector![0] = -1;
  expect((await store.get(1, ["a"]))[0]).toMatchObject({ title: "Title of a", vector: [1, 0] });
});

test("the same stored object is handed out until it is replaced", async () => {
  const store = createMemoryContentStore();
  await store.upsert(1, [contentItem("a")]);
  const [first] = await store.get(1, ["a"]);
  expect((await store.get(1, ["a"]))[0]).toBe(first);
  expect((await store.newest(1, 1, { nowMs: CONTENT_NOW_MS }))[0]?.item).toBe(first);
  await store.upsert(1, [contentItem("a")]);
  expect((await store.get(1, ["a"]))[0]).not.toBe(first);
});

test("rows grow past their first block and are reused, and vectors of several lengths live apart", async () => {
  const store = createMemoryContentStore();
  const many = Array.from({ length: 300 }, (_, i) =>
    contentItem(`i${i}`, { vector: i % 2 === 0 ? [1, i] : [1, i, 0] }),
  );
  await store.upsert(1, many);
  await store.remove(
    1,
    many.slice(0, 150).map((item) => item.item_id),
  );
  await store.upsert(1, many.slice(0, 100));
  expect(await store.size(1)).toBe(250);
  const nowMs = CONTENT_NOW_MS;
  const pairs = await store.searchVector(1, Float32Array.of(1, 0), 300, { nowMs });
  const triples = await store.searchVector(1, Float32Array.of(1, 0, 0), 300, { nowMs });
  expect(pairs).toHaveLength(125);
  expect(triples).toHaveLength(125);
  expect(idsOf(pairs).slice(0, 2)).toEqual(["i0", "i2"]);
  expect(idsOf(triples).slice(0, 2)).toEqual(["i1", "i3"]);
});
