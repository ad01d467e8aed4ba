import { expect } from "vitest";

import {
  CONTENT_NOW_MS,
  type MakeContentStore,
  type SkippedContentTests,
  contentItem,
  idsOf,
  promise,
} from "./under-test.ts";

const nowMs = CONTENT_NOW_MS;
const axis = Float32Array.of(1, 0);
/** Ids that would break a key, a path, a query or an object. */
const HOSTILE = [
  "__proto__",
  "constructor",
  "a b",
  "'; DROP TABLE x; --",
  "a/../b",
  "ü",
  "💥",
  "*",
];

/** Storing, replacing, removing, fetching and browsing. */
export function contentKeeping(make: MakeContentStore, skip: SkippedContentTests): void {
  promise(skip, "an empty store finds nothing", async () => {
    const store = await make();
    expect(await store.get(1, ["a"])).toEqual([]);
    expect(await store.searchVector(1, axis, 5, { nowMs })).toEqual([]);
    expect(await store.searchTags(1, { "topic:x": 1 }, 5, { nowMs })).toEqual([]);
    expect(await store.newest(1, 5, { nowMs })).toEqual([]);
    expect(await store.near(1, { lat: 0, lon: 0 }, 5, { nowMs })).toEqual([]);
    expect(await store.list(1, { limit: 5 })).toEqual({ items: [], next: undefined });
    expect(await store.size(1)).toBe(0);
    await expect(store.check()).resolves.toBeUndefined();
  });

  promise(skip, "get answers the known ids in the order asked, whole", async () => {
    const store = await make();
    const a = contentItem("a", { text: "long", metadata: { deep: { n: 1 } }, lat: 1, lon: 2 });
    await store.upsert(1, [a, contentItem("b")]);
    expect(await store.get(1, ["b", "missing", "a"])).toEqual([contentItem("b"), a]);
  });

  promise(skip, "an upsert replaces all that an item was found by", async () => {
    const store = await make();
    const old = { vector: [1, 0], tags: [{ facet: "topic", label: "old" }], lat: 0, lon: 0 };
    await store.upsert(1, [contentItem("a", old)]);
    await store.upsert(1, [contentItem("a", { tags: [{ facet: "topic", label: "new" }] })]);
    expect(await store.size(1)).toBe(1);
    expect(await store.searchVector(1, axis, 5, { nowMs })).toEqual([]);
    expect(await store.searchTags(1, { "topic:old": 1 }, 5, { nowMs })).toEqual([]);
    expect(idsOf(await store.searchTags(1, { "topic:new": 1 }, 5, { nowMs }))).toEqual(["a"]);
    expect(await store.near(1, { lat: 0, lon: 0 }, 5, { nowMs })).toEqual([]);
    expect((await store.tagKeys(1, ["old", "new"])).get("old")).toBeUndefined();
  });

  promise(skip, "a removed item is found by nothing, and its neighbours still are", async () => {
    const store = await make();
    const parts = { vector: [1, 0], tags: [{ facet: "topic", label: "x" }], lat: 0, lon: 0 };
    await store.upsert(
      1,
      ["a", "b", "c"].map((id) => contentItem(id, parts)),
    );
    await store.remove(1, ["b", "never stored"]);
    expect(await store.size(1)).toBe(2);
    expect(await store.get(1, ["b"])).toEqual([]);
    expect(idsOf(await store.searchVector(1, axis, 5, { nowMs }))).toEqual(["a", "c"]);
    expect(idsOf(await store.searchTags(1, { "topic:x": 1 }, 5, { nowMs }))).toEqual(["a", "c"]);
    expect(idsOf(await store.near(1, { lat: 0, lon: 0 }, 5, { nowMs }))).toEqual(["a", "c"]);
    expect(idsOf(await store.newest(1, 5, { nowMs }))).toEqual(["a", "c"]);
    await store.remove(1, ["a", "c"]);
    await store.upsert(1, [contentItem("d", { vector: [0, 1] })]);
    expect(idsOf(await store.searchVector(1, axis, 5, { nowMs }))).toEqual(["d"]);
    expect(await store.searchTags(1, { "topic:x": 1 }, 5, { nowMs })).toEqual([]);
  });

  promise(skip, "projects do not meet", async () => {
    const store = await make();
    const parts = { vector: [1, 0], tags: [{ facet: "topic", label: "x" }], lat: 0, lon: 0 };
    await store.upsert(1, [contentItem("a", { ...parts, title: "one" })]);
    await store.upsert(2, [contentItem("a", { ...parts, title: "two" }), contentItem("b", parts)]);
    await store.remove(2, ["a"]);
    expect((await store.get(1, ["a"]))[0]?.title).toBe("one");
    expect(idsOf(await store.searchVector(1, axis, 5, { nowMs }))).toEqual(["a"]);
    expect(idsOf(await store.searchVector(2, axis, 5, { nowMs }))).toEqual(["b"]);
    expect(idsOf(await store.searchTags(2, { "topic:x": 1 }, 5, { nowMs }))).toEqual(["b"]);
    expect(await store.size(3)).toBe(0);
  });

  promise(skip, "hostile ids and labels are data", async () => {
    const store = await make();
    const tags = HOSTILE.map((label) => ({ facet: "constructor", label }));
    await store.upsert(
      1,
      HOSTILE.map((id) => contentItem(id, { vector: [1, 0], tags })),
    );
    expect((await store.get(1, HOSTILE)).map((item) => item.item_id)).toEqual(HOSTILE);
    expect(await store.get(1, ["toString", ""])).toEqual([]);
    expect(await store.searchVector(1, axis, 20, { nowMs })).toHaveLength(HOSTILE.length);
    const found = await store.searchTags(1, { "constructor:constructor": 1 }, 20, { nowMs });
    expect(found).toHaveLength(HOSTILE.length);
    expect(await store.searchTags(1, { constructor: 1, toString: 1 }, 20, { nowMs })).toEqual([]);
    await store.remove(1, HOSTILE);
    expect(await store.size(1)).toBe(0);
  });

  promise(
    skip,
    "list pages by id, each item once, and survives changes between pages",
    async () => {
      const store = await make();
      const ids = ["a", "b", "c", "d", "e", "\u{ff5e}", "💥"];
      await store.upsert(
        1,
        ids.toReversed().map((id) => contentItem(id)),
      );
      const first = await store.list(1, { limit: 3 });
      expect(first.items.map((item) => item.item_id)).toEqual(["a", "b", "c"]);
      await store.remove(1, ["c"]);
      await store.upsert(1, [contentItem("aa")]);
      const second = await store.list(1, { limit: 3, cursor: first.next! });
      expect(second.items.map((item) => item.item_id)).toEqual(["d", "e", "\u{ff5e}"]);
      const third = await store.list(1, { limit: 3, cursor: second.next! });
      expect(third.items.map((item) => item.item_id)).toEqual(["💥"]);
      expect(third.next).toBeUndefined();
    },
  );

  promise(skip, "list matches title, text and tag without regard to case and accents", async () => {
    const store = await make();
    await store.upsert(1, [
      contentItem("a", { title: "Café culture", tags: [{ facet: "Topic", label: "Old Town" }] }),
      contentItem("b", { title: "Roads", text: "a CAFE on the corner" }),
      contentItem("c", { title: "Rivers" }),
    ]);
    const ids = async (options: { query?: string; tag?: string }) =>
      (await store.list(1, { limit: 9, ...options })).items.map((item) => item.item_id);
    expect(await ids({ query: "cafe" })).toEqual(["a", "b"]);
    expect(await ids({ tag: "topic:old town" })).toEqual(["a"]);
    expect(await ids({ query: "roads", tag: "topic:old town" })).toEqual([]);
  });

  promise(skip, "tagKeys finds every key of a label and no absent one", async () => {
    const store = await make();
    const tags = [
      { facet: "topic", label: "War" },
      { facet: "Period", label: "war" },
    ];
    await store.upsert(1, [contentItem("a", { tags }), contentItem("b", { tags: [tags[0]!] })]);
    const found = await store.tagKeys(1, ["war", "peace", "__proto__"]);
    expect([...found]).toEqual([["war", ["period:war", "topic:war"]]]);
    await store.remove(1, ["a"]);
    expect([...(await store.tagKeys(1, ["war"]))]).toEqual([["war", ["topic:war"]]]);
    expect((await store.tagKeys(2, ["war"])).size).toBe(0);
  });
}
