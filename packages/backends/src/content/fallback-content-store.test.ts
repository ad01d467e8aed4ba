import { createMemoryContentStore, UnavailableError, type ContentStore } from "@signalpath/ports";
import { contentItem, contentStoreContract } from "@signalpath/ports/contract-suites";
import { describe, expect, test, vi } from "vitest";

import { createFallbackContentStore } from "./fallback-content-store.ts";

const nowMs = Date.UTC(2026, 5, 12);

/** A primary that can be lost, and a clock. */
function world() {
  const inner = createMemoryContentStore();
  const state = { down: undefined as Error | undefined, calls: 0, nowMs };
  const primary = new Proxy(inner, {
    get:
      (target, verb: keyof ContentStore) =>
      (...args: never[]) => {
        state.calls += 1;
        if (state.down !== undefined) return Promise.reject(state.down);
        return (target[verb] as (...given: never[]) => Promise<unknown>)(...args);
      },
  });
  const lines: string[] = [];
  const store = createFallbackContentStore(primary, createMemoryContentStore(), {
    now: () => state.nowMs,
    warn: (line) => void lines.push(line),
    onError: () => undefined,
  });
  return { inner, state, store, lines };
}
const gone = new UnavailableError("qdrant", "gone");
const newest = async (store: ContentStore) =>
  (await store.newest(1, 9, { nowMs })).map(({ item }) => item.item_id);

describe("primary up", () => {
  contentStoreContract(async () => world().store);
});
describe("primary down", () => {
  contentStoreContract(async () => {
    const { state, store } = world();
    state.down = gone;
    return store;
  });
});

test("a primary that is lost costs no answer, is said, and is left in peace", async () => {
  const { state, store, lines } = world();
  await store.upsert(1, [contentItem("a")]);
  expect(store.degraded()).toBe(false);
  state.down = gone;
  expect(await newest(store)).toEqual(["a"]);
  expect(store.degraded()).toBe(true);
  const before = state.calls;
  expect(await newest(store)).toEqual(["a"]);
  expect(state.calls).toBe(before);
  state.nowMs += 1_000;
  expect(await newest(store)).toEqual(["a"]);
  await store.close();
  expect(state.calls).toBe(before + 1);
  expect(lines).toHaveLength(1);
  await store.check();
});

test("a primary that comes back is told what it missed before it answers again", async () => {
  const { inner, state, store, lines } = world();
  await store.upsert(1, [contentItem("a"), contentItem("b")]);
  state.down = gone;
  await store.upsert(1, [contentItem("b", { title: "changed" }), contentItem("c")]);
  await store.remove(1, ["a"]);
  await store.upsert(2, [contentItem("z")]);
  expect(await inner.size(1)).toBe(2);
  state.down = undefined;
  state.nowMs += 1_000;
  await newest(store);
  await vi.waitFor(() => expect(store.degraded()).toBe(false));
  expect(await newest(inner)).toEqual(["b", "c"]);
  expect((await inner.get(1, ["b"]))[0]?.title).toBe("changed");
  expect(await inner.size(2)).toBe(1);
  expect(lines).toHaveLength(2);
  await inner.upsert(1, [contentItem("d")]);
  expect(await newest(store)).toEqual(["b", "c", "d"]);
});

test("one that fails again while it is told owes all of it still", async () => {
  const { inner, state, store } = world();
  state.down = gone;
  await store.upsert(
    1,
    Array.from({ length: 1_200 }, (_, i) => contentItem(`i${i}`)),
  );
  const upsert = vi.spyOn(inner, "upsert").mockRejectedValueOnce(gone);
  state.down = undefined;
  state.nowMs += 1_000;
  await store.size(1);
  await store.close();
  expect(store.degraded()).toBe(true);
  expect(upsert).toHaveBeenCalledTimes(1);
  state.nowMs += 1_000;
  expect(await store.size(1)).toBe(1_200);
  await store.close();
  expect(store.degraded()).toBe(false);
  expect(await inner.size(1)).toBe(1_200);
});

test("a project that is held is the fallback's alone, and whole in the primary once released", async () => {
  const { inner, state, store } = world();
  await store.upsert(1, [contentItem("a", { vector: [1, 0] }), contentItem("b")]);
  await store.upsert(2, [contentItem("z")]);
  store.hold?.(1);
  await store.upsert(1, [contentItem("a", { vector: [0, 1] }), contentItem("c")]);
  await store.remove(1, ["b"]);
  expect(await newest(store)).toEqual(["a", "c"]);
  expect(await newest(inner)).toEqual(["a", "b"]);
  expect((await inner.get(1, ["a"]))[0]?.vector).toEqual([1, 0]);
  expect(store.degraded()).toBe(false);
  // Others go on with the primary, and its return from an outage does not tell it of what is held.
  await inner.upsert(2, [contentItem("y")]);
  expect(await store.size(2)).toBe(2);
  state.down = gone;
  await store.upsert(2, [contentItem("x")]);
  state.down = undefined;
  state.nowMs += 1_000;
  await store.size(2);
  await vi.waitFor(() => expect(store.degraded()).toBe(false));
  expect(await newest(inner)).toEqual(["a", "b"]);
  await store.upsert(1, [contentItem("a", { vector: [1, 0], title: "own again" })]);
  store.release?.(1);
  expect(await newest(store)).toEqual(["a", "c"]);
  await vi.waitFor(() => expect(store.degraded()).toBe(false));
  expect(await newest(inner)).toEqual(["a", "c"]);
  expect((await inner.get(1, ["a"]))[0]).toMatchObject({ title: "own again", vector: [1, 0] });
});

test("a defect is not an outage", async () => {
  const { state, store } = world();
  state.down = new TypeError("a defect");
  await expect(newest(store)).rejects.toThrow(TypeError);
  expect(store.degraded()).toBe(false);
});
