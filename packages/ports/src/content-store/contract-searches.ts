import fc from "fast-check";
import { expect } from "vitest";

import {
  CONTENT_NOW_MS,
  type MakeContentStore,
  type SkippedContentTests,
  contentItem,
  idsOf,
  isoBefore,
  promise,
} from "./under-test.ts";

const nowMs = CONTENT_NOW_MS;
const topic = (...labels: string[]) => labels.map((label) => ({ facet: "topic", label }));

/** Order, scores and ties of every search. */
export function contentSearches(make: MakeContentStore, skip: SkippedContentTests): void {
  promise(skip, "searchVector orders by cosine, whatever the lengths of the vectors", async () => {
    const store = await make();
    await store.upsert(1, [
      contentItem("away", { vector: [-2, 0] }),
      contentItem("same", { vector: [100, 0] }),
      contentItem("side", { vector: [0, 0.001] }),
      contentItem("half", { vector: [3, 3] }),
      contentItem("zero", { vector: [0, 0] }),
      contentItem("none"),
    ]);
    const found = await store.searchVector(1, Float32Array.of(0.5, 0), 10, { nowMs });
    expect(idsOf(found)).toEqual(["same", "half", "side", "away"]);
    const scores = found.map(({ score }) => score);
    for (const [i, cosine] of [1, Math.SQRT1_2, 0, -1].entries()) {
      expect(scores[i]).toBeCloseTo(cosine, 5);
    }
  });

  promise(skip, "a vector of another length, or without a direction, finds nothing", async () => {
    const store = await make();
    await store.upsert(1, [contentItem("a", { vector: [1, 0] })]);
    expect(await store.searchVector(1, Float32Array.of(1, 0, 0), 5, { nowMs })).toEqual([]);
    expect(await store.searchVector(1, Float32Array.of(0, 0), 5, { nowMs })).toEqual([]);
    expect(await store.searchVector(1, new Float32Array(0), 5, { nowMs })).toEqual([]);
  });

  promise(skip, "ties are broken by id in code point order, in every search", async () => {
    const ids = ["b", "💥", "a", "\u{ff5e}", "B", "10", "9"];
    const sorted = ["10", "9", "B", "a", "b", "\u{ff5e}", "💥"];
    const parts = { vector: [1, 1], tags: topic("x"), lat: 1, lon: 1, published_at: isoBefore(5) };
    for (const order of [ids, ids.toReversed()]) {
      const store = await make();
      await store.upsert(
        1,
        order.map((id) => contentItem(id, parts)),
      );
      const filter = { nowMs };
      const k = 4;
      const expected = sorted.slice(0, k);
      expect(idsOf(await store.searchVector(1, Float32Array.of(1, 0), k, filter))).toEqual(
        expected,
      );
      expect(idsOf(await store.searchTags(1, { "topic:x": 1 }, k, filter))).toEqual(expected);
      expect(idsOf(await store.near(1, { lat: 0, lon: 0 }, k, filter))).toEqual(expected);
      expect(idsOf(await store.newest(1, k, filter))).toEqual(expected);
    }
  });

  promise(skip, "searchVector finds the same as comparing everything", async () => {
    const coordinate = fc.integer({ min: -3, max: 3 });
    const vector = fc.tuple(coordinate, coordinate, coordinate);
    await fc.assert(
      fc.asyncProperty(
        fc.array(vector, { maxLength: 20 }),
        vector,
        fc.integer({ min: 1, max: 6 }),
        async (vectors, query, k) => {
          fc.pre(query.some((value) => value !== 0));
          const store = await make();
          await store.upsert(
            1,
            vectors.map((own, i) => contentItem(`i${i}`, { vector: own })),
          );
          const found = await store.searchVector(1, Float32Array.from(query), k, { nowMs });
          const cosines = vectors
            .filter((own) => own.some((value) => value !== 0))
            .map((own) => cosine(own, query))
            .sort((a, b) => b - a)
            .slice(0, k);
          expect(found).toHaveLength(cosines.length);
          for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(cosines[i]!, 5);
        },
      ),
      { numRuns: 25 },
    );
  });

  promise(skip, "searchTags orders by the share of the weights an item covers", async () => {
    const store = await make();
    await store.upsert(1, [
      contentItem("all", { tags: topic("x", "Y", "z") }),
      contentItem("two", { tags: topic("x", "y") }),
      contentItem("one", { tags: topic("X", "x") }),
      contentItem("other", { tags: topic("w") }),
    ]);
    const weights = { "topic:x": 1, "topic:y": 0.5, "topic:gone": 0.5 };
    const found = await store.searchTags(1, weights, 10, { nowMs });
    expect(idsOf(found)).toEqual(["all", "two", "one"]);
    expect(found.map(({ score }) => score)).toEqual([0.75, 0.75, 0.5]);
    expect(await store.searchTags(1, {}, 10, { nowMs })).toEqual([]);
  });

  promise(
    skip,
    "near answers metres, nearest first, and leaves out what has no place",
    async () => {
      const store = await make();
      await store.upsert(1, [
        contentItem("far", { lat: 53, lon: 10 }),
        contentItem("here", { lat: 52, lon: 10 }),
        contentItem("nowhere"),
        contentItem("across the date line", { lat: 52, lon: -179.9 }),
      ]);
      const found = await store.near(1, { lat: 52, lon: 10 }, 2, { nowMs });
      expect(idsOf(found)).toEqual(["here", "far"]);
      expect(found[0]?.score).toBeCloseTo(0, 3);
      expect(found[1]!.score / 111_195).toBeCloseTo(1, 2);
      const other = await store.near(1, { lat: 52, lon: 179.9 }, 1, { nowMs });
      expect(idsOf(other)).toEqual(["across the date line"]);
    },
  );

  promise(skip, "newest orders by publication, items without a date last", async () => {
    const store = await make();
    await store.upsert(1, [
      contentItem("undated"),
      contentItem("old", { published_at: "1961-08-13T00:00:00.000Z" }),
      contentItem("new", { published_at: isoBefore(1) }),
      contentItem("mid", { published_at: isoBefore(24) }),
    ]);
    const found = await store.newest(1, 10, { nowMs });
    expect(idsOf(found)).toEqual(["new", "mid", "old", "undated"]);
    expect(found[0]?.score).toBe(nowMs - 3_600_000);
    expect(idsOf(await store.newest(1, 2, { nowMs }))).toEqual(["new", "mid"]);
  });
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const product = a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  return product / Math.hypot(...a) / Math.hypot(...b);
}
