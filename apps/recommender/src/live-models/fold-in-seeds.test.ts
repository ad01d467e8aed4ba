import { buildUserSignals, hash32, type SignalEvent } from "@signalpath/domain";
import { expect, test } from "vitest";

import { foldInSeeds } from "./fold-in-seeds.ts";

const START_MS = Date.UTC(2026, 0, 1);

/** One rating a day, oldest first; the n-th is of item `i<n>`. */
function modelOf(ratings: readonly number[]) {
  const events = ratings.map((rating, at): SignalEvent => {
    const occurred_at = new Date(START_MS + at * 24 * 3_600_000).toISOString();
    const common = { project_id: 1, user_id: "u", kind: "feedback", reaction: "rating" } as const;
    const times = { occurred_at, received_at: occurred_at };
    return { ...common, ...times, event_id: `e${at}`, item_id: `i${at}`, rating };
  });
  return buildUserSignals(events, () => undefined);
}

/** A model that knows `i0` to `i<n - 1>`. */
function scorerOf(n: number) {
  const idOf = new Map(Array.from({ length: n }, (_, at) => [hash32(`i${at}`), `i${at}`]));
  return {
    known: (hashes: Iterable<number>) => [...hashes].flatMap((hash) => idOf.get(hash) ?? []),
  };
}

const seedsOf = (items: number, ratings: readonly number[]) => {
  const { ids, weights } = foldInSeeds(scorerOf(items), modelOf(ratings));
  return new Map(ids.map((id, at) => [id, weights[at]!]));
};

test("everything a person came across counts, by its age in items and by what they made of it", () => {
  const seeds = seedsOf(
    40,
    Array.from({ length: 40 }, (_, at) => (at === 38 ? 1 : at % 2 ? 5 : 3)),
  );
  expect(seeds.get("i39")).toBe(1);
  expect(seeds.has("i38")).toBe(false);
  // Half-life 5 items, floor .08: two newer ones, three newer ones.
  expect(seeds.get("i37")).toBeCloseTo(0.08 + 0.92 * 2 ** -0.4, 12);
  expect(seeds.get("i36")).toBeCloseTo(0.6 * (0.08 + 0.92 * 2 ** -0.6), 12);
  // Behind the 20 newest only what the model knows can be named.
  expect(seeds.get("i5")).toBeCloseTo(0.1, 12);
  expect(seeds.get("i4")).toBeCloseTo(0.06, 12);
  expect(seeds.size).toBe(39);
});

test("an old item that the model does not know is no seed, unless it was liked", () => {
  const seeds = seedsOf(
    0,
    Array.from({ length: 40 }, (_, at) => (at === 0 ? 5 : 3)),
  );
  expect([...seeds.keys()].sort()).toEqual(
    ["i0", ...Array.from({ length: 20 }, (_, at) => `i${at + 20}`)].sort(),
  );
});

test("there are never more than 500, liked and newest first", () => {
  const seeds = seedsOf(
    900,
    Array.from({ length: 900 }, (_, at) => (at === 0 ? 5 : 3)),
  );
  expect(seeds.size).toBe(500);
  expect(seeds.has("i0")).toBe(true);
  expect(seeds.has("i899")).toBe(true);
});
