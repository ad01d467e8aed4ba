import { ModelFileError } from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { make, makeGated, modelOf, rowOf } from "./testing/cache.ts";

describe("the least recently used goes first", () => {
  test("by count; use and get refresh, list and stats do not", async () => {
    const { cache, ids, types } = make();
    for (const id of [1, 2, 3]) await cache.get(rowOf(id));
    expect(ids()).toEqual([1, 2, 3]);
    expect(cache.use(1)?.scorer).toBe("1-1");
    expect(ids()).toEqual([2, 3, 1]);
    await cache.get(rowOf(2));
    expect(ids()).toEqual([3, 1, 2]);
    expect(cache.stats()).toEqual({ models: 3, bytes: 30, loading: 0, failed: 0 });
    await cache.get(rowOf(4));
    expect(ids()).toEqual([1, 2, 4]);
    expect(types()).toEqual([
      "loaded 1-1",
      "loaded 2-1",
      "loaded 3-1",
      "loaded 4-1",
      "evicted 3-1",
    ]);
    expect(cache.use(3)).toBeUndefined();
    expect(cache.peek(1)?.scorer).toBe("1-1");
    expect(cache.peek(3)).toBeUndefined();
    expect(ids()).toEqual([1, 2, 4]);
  });

  test("by bytes; the newest is never the one to go", async () => {
    const sizes: Record<number, number> = { 1: 40, 2: 40, 3: 90, 4: 101 };
    const { cache, ids } = make({
      maxModels: 10,
      load: async (row) => modelOf(row, sizes[row.model_id] ?? 0),
    });
    await cache.get(rowOf(1));
    await cache.get(rowOf(2));
    await cache.get(rowOf(3));
    expect(ids()).toEqual([3]);
    expect(cache.stats().bytes).toBe(90);
    await expect(cache.get(rowOf(4))).rejects.toMatchObject({ code: "MODEL_TOO_LARGE" });
    expect(ids()).toEqual([3]);
  });

  test("limits, order and bytes hold after any sequence", async () => {
    const step = fc.record({
      what: fc.constantFrom("get", "use", "swap", "evict"),
      id: fc.integer({ min: 1, max: 6 }),
      version: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { cache } = make({
          maxModels: 3,
          maxBytes: 25,
          load: async (row) => modelOf(row, 4 + row.model_id + row.version),
        });
        let expected: { id: number; version: number }[] = [];
        for (const { what, id, version } of steps) {
          const old = expected.find((each) => each.id === id);
          const rest = expected.filter((each) => each.id !== id);
          if (what === "evict") {
            expect(cache.evict(id)).toBe(old !== undefined);
            expected = rest;
          } else if (what === "use") {
            expect(cache.use(id)?.row.version).toBe(old?.version);
            if (old !== undefined) expected = [...rest, old];
          } else if (what === "swap") {
            const outcome = await cache.swap(rowOf(id, version));
            const same = old?.version === version ? "same" : "swapped";
            expect(outcome).toBe(old === undefined ? "absent" : same);
            if (old !== undefined) old.version = version;
          } else {
            expect((await cache.get(rowOf(id, version))).row.version).toBe(version);
            expected = [...rest, { id, version }];
          }
          const bytes = (): number => expected.reduce((sum, e) => sum + 4 + e.id + e.version, 0);
          while (expected.length > 3 || bytes() > 25) {
            expected.splice(expected[0]?.id === id && what !== "use" ? 1 : 0, 1);
          }
          expect(cache.list().map((row) => ({ id: row.model_id, version: row.version }))).toEqual(
            expected,
          );
          expect(cache.stats().bytes).toBe(bytes());
        }
      }),
    );
  });
});

describe("one load at a time", () => {
  test("all who ask meanwhile get its result", async () => {
    const { cache, load, open } = makeGated();
    const asked = Array.from({ length: 20 }, () => cache.get(rowOf(1)));
    expect(cache.stats().loading).toBe(1);
    open(rowOf(1));
    const models = await Promise.all(asked);
    expect(new Set(models).size).toBe(1);
    expect(load).toHaveBeenCalledTimes(1);
  });

  test("all who ask meanwhile get its error, and it is not tried again for 30 s", async () => {
    const { cache, load, fail, advance } = makeGated();
    const asked = Array.from({ length: 5 }, () => cache.get(rowOf(1)));
    fail(rowOf(1));
    for (const each of await Promise.allSettled(asked)) expect(each.status).toBe("rejected");
    advance(29_999);
    await expect(cache.get(rowOf(1))).rejects.toThrow("damaged");
    expect(cache.stats()).toMatchObject({ loading: 0, failed: 1 });
    expect(load).toHaveBeenCalledTimes(1);
    advance(1);
    const again = cache.get(rowOf(1));
    expect(load).toHaveBeenCalledTimes(2);
    fail(rowOf(1));
    await expect(again).rejects.toThrow("damaged");
  });

  test("a failed version does not stop another, nor a corrected row", async () => {
    const { cache } = make({
      load: async (row) => {
        if (row.version === 1 && row.project_id === 3) throw new Error("damaged");
        return modelOf(row);
      },
    });
    await expect(cache.get(rowOf(1, 1))).rejects.toThrow("damaged");
    expect((await cache.get(rowOf(1, 2))).row.version).toBe(2);
    expect((await cache.get({ ...rowOf(1, 1), project_id: 4 })).row.project_id).toBe(4);
  });

  test.each([
    ["a file that is away", new UnavailableError("files", "away"), 5_000],
    ["a file that is missing", new ModelFileError("MODEL_FILE_MISSING", "no such file"), 5_000],
    ["a damaged one", new ModelFileError("MODEL_SIGNATURE_INVALID", "no"), 30_000],
  ])("%s is tried again in its time", async (_what, error, afterMs) => {
    const { cache, load, advance } = make({ load: () => Promise.reject(error) });
    await expect(cache.get(rowOf(1))).rejects.toBe(error);
    advance(afterMs - 1);
    await expect(cache.get(rowOf(1))).rejects.toBe(error);
    expect(load).toHaveBeenCalledTimes(1);
    advance(1);
    await expect(cache.get(rowOf(1))).rejects.toBe(error);
    expect(load).toHaveBeenCalledTimes(2);
  });

  test("failures remembered are bounded", async () => {
    const { cache } = make({ load: () => Promise.reject(new Error("damaged")) });
    for (let id = 0; id < 1_100; id++) await cache.get(rowOf(id)).catch(() => undefined);
    expect(cache.stats().failed).toBe(1_000);
  });
});

describe("a swap has no gap", () => {
  test("the old one serves until the new one is there, and whoever holds it keeps it", async () => {
    const { cache, open, ids, types } = makeGated();
    const first = cache.get(rowOf(1));
    open(rowOf(1));
    const old = await first;
    const second = cache.get(rowOf(2));
    open(rowOf(2));
    await second;
    const swapped = cache.swap(rowOf(1, 2));
    expect(cache.use(1)).toBe(old);
    expect(cache.stats().loading).toBe(1);
    cache.use(2);
    open(rowOf(1, 2));
    expect(await swapped).toBe("swapped");
    expect(cache.use(1)?.scorer).toBe("1-2");
    expect(old.scorer).toBe("1-1");
    expect(types()).toContain("swapped 1-2");
    expect(ids()).toEqual([2, 1]);
    expect(await cache.swap(rowOf(1, 2))).toBe("same");
  });

  test("a swap does not count as use, and loads nothing that is not here", async () => {
    const { cache, ids, load } = make();
    for (const id of [1, 2]) await cache.get(rowOf(id));
    await cache.swap(rowOf(1, 2));
    expect(ids()).toEqual([1, 2]);
    expect(await cache.swap(rowOf(9))).toBe("absent");
    expect(load).toHaveBeenCalledTimes(3);
  });

  test("a swap that fails leaves the old one serving", async () => {
    const { cache, open, fail, events } = makeGated();
    const first = cache.get(rowOf(1));
    open(rowOf(1));
    await first;
    const swapped = cache.swap(rowOf(1, 2));
    fail(rowOf(1, 2));
    await expect(swapped).rejects.toThrow("damaged");
    expect(cache.use(1)?.row.version).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: "failed", row: { version: 2 } });
    await expect(cache.get(rowOf(1, 2))).rejects.toThrow("damaged");
    expect(cache.use(1)?.row.version).toBe(1);
  });

  test("the row asked for last serves, whichever load ends last", async () => {
    const { cache, open, types } = makeGated();
    const first = cache.get(rowOf(1, 1));
    const second = cache.swap(rowOf(1, 2));
    open(rowOf(1, 2));
    await second;
    open(rowOf(1, 1));
    expect((await first).row.version).toBe(1);
    expect(cache.use(1)?.row.version).toBe(2);
    expect(types()).toContain("superseded 1-1");
  });

  test("a rollback while the new version loads stays rolled back", async () => {
    const { cache, open } = makeGated();
    const first = cache.get(rowOf(1, 1));
    open(rowOf(1, 1));
    await first;
    const second = cache.swap(rowOf(1, 2));
    expect(await cache.swap(rowOf(1, 1))).toBe("same");
    open(rowOf(1, 2));
    await second;
    expect(cache.use(1)?.row.version).toBe(1);
  });

  test("what is evicted while it loads does not come back, unless asked for again", async () => {
    const { cache, open } = makeGated();
    const first = cache.get(rowOf(1));
    expect(cache.evict(1)).toBe(false);
    open(rowOf(1));
    await first;
    expect(cache.use(1)).toBeUndefined();
    const second = cache.get(rowOf(1));
    cache.evict(1);
    const third = cache.get(rowOf(1));
    open(rowOf(1));
    expect(await second).toBe(await third);
    expect(cache.use(1)?.row.version).toBe(1);
  });
});

test("preload goes on after a failure and tells it", async () => {
  const order: number[] = [];
  const { cache, ids } = make({
    load: async (row) => {
      order.push(row.model_id);
      if (row.model_id === 2) throw new Error("damaged");
      return modelOf(row);
    },
  });
  const failed = await cache.preload([rowOf(1), rowOf(2), rowOf(3)]);
  expect(failed).toEqual([{ row: rowOf(2), error: new Error("damaged") }]);
  expect(order).toEqual([1, 2, 3]);
  expect(ids()).toEqual([1, 3]);
});

test("limits that hold nothing are refused", () => {
  for (const limits of [{ maxModels: 0 }, { maxBytes: 0 }, { maxBytes: Number.NaN }]) {
    expect(() => make(limits)).toThrow(RangeError);
  }
});
