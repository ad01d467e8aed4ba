import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { RANKING_CONFIG } from "../config.ts";
import { createItemViews } from "../item-view.ts";
import type { Anchor, TagProfile } from "../person.ts";
import { createPoolRows } from "../pool-rows.ts";
import { type Pool, buildPool } from "../pool.ts";
import { SAMPLE_NOW_MS, sampleItem, topics } from "../sample-ranking.ts";
import type { ContentItem } from "../../content/types.ts";
import { aversionScores } from "./aversion.ts";
import { bestMatches } from "./best-match.ts";
import { collaborativeSums, relativeToBest } from "./collaborative.ts";
import { freshnessScores } from "./freshness.ts";
import { geoScores } from "./geo.ts";
import { semanticScores } from "./semantic.ts";
import { statScores } from "./stats.ts";
import { tagScores } from "./tag.ts";
import { timeAlignment } from "./time.ts";

const views = createItemViews();

function poolOf(...items: ContentItem[]): Pool {
  const candidates = items.map((item) => ({ item, sources: [] }));
  const filter = { seen: new Set<number>(), hiddenUntil: {}, nowMs: SAMPLE_NOW_MS };
  return buildPool(candidates, views, filter);
}
const rowsOf = (pool: Pool) => createPoolRows(pool.views);
function profile(weights: Record<string, number>): TagProfile {
  const entries = Object.entries(weights);
  return {
    weights: new Map(entries.map(([label, weight]) => [views.tagNumber(`topic:${label}`), weight])),
    mass: entries.reduce((sum, [, weight]) => sum + weight, 0),
  };
}
function anchor(id: string, weight: number, parts: Partial<Anchor> = {}): Anchor {
  return { id, weight, view: undefined, neighbours: [], ...parts };
}

test("semantic is the cosine to the taste, never negative, 0 without comparable vectors", () => {
  const pool = poolOf(
    sampleItem("same", { vector: [2, 0] }),
    sampleItem("half", { vector: [1, 1] }),
    sampleItem("away", { vector: [-1, 0] }),
    sampleItem("other space", { vector: [1, 0, 0] }),
    sampleItem("none"),
  );
  const values = semanticScores(pool.views.length, rowsOf(pool), Float32Array.of(1, 0));
  const expected = [1, Math.SQRT1_2, 0, 0, 0];
  for (const [at, value] of expected.entries()) expect(values[at]).toBeCloseTo(value, 6);
  expect([...semanticScores(pool.views.length, rowsOf(pool), undefined)]).toEqual([0, 0, 0, 0, 0]);
});

describe("tag", () => {
  test("is the share of the mass an item's tags cover, each tag once", () => {
    const pool = poolOf(
      sampleItem("both", { tags: topics("x", "y", "X") }),
      sampleItem("one", { tags: topics("y") }),
      sampleItem("none", { tags: topics("z") }),
    );
    expect([...tagScores(pool.views.length, rowsOf(pool), profile({ x: 0.75, y: 0.25 }))]).toEqual([
      1, 0.25, 0,
    ]);
    expect([...tagScores(pool.views.length, rowsOf(pool), profile({}))]).toEqual([0, 0, 0]);
  });

  test("more weight on a tag never lowers an item that carries it", () => {
    const pool = poolOf(sampleItem("x", { tags: topics("x", "y") }));
    const weight = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(weight, weight, weight, weight, (x, y, z, more) => {
        const [before] = tagScores(pool.views.length, rowsOf(pool), profile({ x, y, z }));
        const [after] = tagScores(pool.views.length, rowsOf(pool), profile({ x: x + more, y, z }));
        expect(after).toBeGreaterThanOrEqual(before! - 1e-12);
      }),
    );
  });
});

describe("affinity and recency", () => {
  const match = { neighbour: 1, tag: 0.2, vector: 1 };
  const pool = poolOf(
    sampleItem("n", { tags: topics("q") }),
    sampleItem("t", { tags: topics("x") }),
    sampleItem("v", { vector: [1, 1] }),
    sampleItem("unrelated", { tags: topics("z") }),
  );
  const liked = views.view(sampleItem("liked", { tags: topics("x"), vector: [1, 0] }));

  test("take the best of collaborative, tag and vector likeness, times the anchor's weight", () => {
    const anchors = [
      anchor("liked", 0.5, { view: liked, neighbours: [{ item_id: "n", similarity: 0.4 }] }),
      anchor("weak", 0.1, { neighbours: [{ item_id: "n", similarity: 0.9 }] }),
    ];
    const { values, anchors: from } = bestMatches(pool, rowsOf(pool), anchors, match, 8);
    const expected = [0.2, 0.1, 0.5 * Math.SQRT1_2, 0];
    for (const [at, value] of expected.entries()) expect(values[at]).toBeCloseTo(value, 5);
    expect([...from]).toEqual([0, 0, 0, -1]);
  });

  test("a weaker anchor wins by a better match", () => {
    const anchors = [
      anchor("strong", 1, { neighbours: [{ item_id: "n", similarity: 0.1 }] }),
      anchor("weak", 0.5, { neighbours: [{ item_id: "n", similarity: 0.8 }] }),
    ];
    const { values, anchors: from } = bestMatches(pool, rowsOf(pool), anchors, match, 8);
    expect(values[0]).toBeCloseTo(0.4);
    expect(from[0]).toBe(1);
  });
});

test("only the strongest anchors are compared by vector", () => {
  const pool = poolOf(sampleItem("v", { vector: [1, 0], tags: topics("x") }));
  const alike = views.view(sampleItem("alike", { vector: [1, 0], tags: topics("x") }));
  const anchors = [anchor("blank", 1), anchor("alike", 0.5, { view: alike })];
  const match = { neighbour: 1, tag: 0.2, vector: 1 };
  expect(bestMatches(pool, rowsOf(pool), anchors, match, 2).values[0]).toBeCloseTo(0.5);
  expect(bestMatches(pool, rowsOf(pool), anchors, match, 1).values[0]).toBeCloseTo(0.1);
});

test("collaborative sums over what was liked, the best of the pool is 1", () => {
  const pool = poolOf(sampleItem("a"), sampleItem("b"), sampleItem("c"));
  const { values: sums, anchors } = collaborativeSums(pool, [
    anchor("p", 1, { neighbours: [{ item_id: "a", similarity: 0.2 }] }),
    anchor("q", 0.5, {
      neighbours: [
        { item_id: "a", similarity: 0.6 },
        { item_id: "b", similarity: 0.5 },
        { item_id: "not a candidate", similarity: 1 },
      ],
    }),
  ]);
  expect(sums[0]).toBeCloseTo(0.5);
  const values = relativeToBest(sums);
  expect(values[0]).toBe(1);
  expect(values[1]).toBeCloseTo(0.5);
  expect([...anchors]).toEqual([1, 1, -1]);
  expect([...relativeToBest(collaborativeSums(pool, []).values)]).toEqual([0, 0, 0]);
});

test("freshness halves with every half-life, 0 without a date", () => {
  const ago = (hours: number) => new Date(SAMPLE_NOW_MS - hours * 3_600_000).toISOString();
  const pool = poolOf(
    sampleItem("now", { published_at: ago(0) }),
    sampleItem("one", { published_at: ago(10) }),
    sampleItem("two", { published_at: ago(20) }),
    sampleItem("undated"),
  );
  expect([...freshnessScores(pool, SAMPLE_NOW_MS, 10 * 3_600_000)]).toEqual([1, 0.5, 0.25, 0]);
});

test("time is 1 at the habitual hour, less beside it, around midnight too", () => {
  const hours = Array.from({ length: 24 }, (_, hour) => (hour === 0 ? 4 : 0));
  const at = (hour: number) => timeAlignment(hours, Date.UTC(2026, 5, 12, hour, 30));
  expect([at(0), at(1), at(23), at(12)]).toEqual([1, 0.5, 0.5, 0]);
  expect(timeAlignment([], SAMPLE_NOW_MS)).toBe(0);
  expect(timeAlignment(hours.fill(0), SAMPLE_NOW_MS)).toBe(0);
});

test("geo falls to 1/e at the scale, 0 without a point or a place", () => {
  const metre = 180 / Math.PI / 6_371_008.8;
  const pool = poolOf(
    sampleItem("here", { lat: 0, lon: 0 }),
    sampleItem("scale", { lat: 500 * metre, lon: 0 }),
    sampleItem("nowhere"),
  );
  const [here, scale, nowhere] = geoScores(pool, { lat: 0, lon: 0 }, 500);
  expect(here).toBe(1);
  expect(scale).toBeCloseTo(Math.exp(-1), 9);
  expect(nowhere).toBe(0);
  expect([...geoScores(pool, undefined, 500)]).toEqual([0, 0, 0]);
});

test("aversion takes tags of the disliked, or a vector closer to it than to the liked", () => {
  const pool = poolOf(
    sampleItem("tagged", { tags: topics("bad") }),
    sampleItem("close", { vector: [0, 1] }),
    sampleItem("liked", { vector: [1, 0] }),
  );
  const away = Float32Array.of(0, 1);
  const taste = Float32Array.of(1, 0);
  expect([
    ...aversionScores(
      pool.views.length,
      rowsOf(pool),
      profile({ bad: 1, gone: 1 }),
      away,
      semanticScores(pool.views.length, rowsOf(pool), taste),
    ),
  ]).toEqual([0.5, 1, 0]);
  expect([
    ...aversionScores(
      pool.views.length,
      rowsOf(pool),
      profile({}),
      undefined,
      semanticScores(pool.views.length, rowsOf(pool), taste),
    ),
  ]).toEqual([0, 0, 0]);
});

test("trend is what was counted, quality also asks how many", () => {
  const pool = poolOf(sampleItem("known"), sampleItem("untouched"));
  const signals = { trend: 0.3, quality: 0.8, popularity: 0.25 };
  const { trend, quality } = statScores(pool, (id) => (id === "known" ? signals : undefined));
  expect([...trend]).toEqual([0.3, 0]);
  expect(quality[0]).toBeCloseTo(0.4);
  expect(quality[1]).toBe(0);
});

test("no default of the likeness factors leaves [0, 1]", () => {
  for (const factor of Object.values(RANKING_CONFIG.match)) {
    expect(factor).toBeGreaterThanOrEqual(0);
    expect(factor).toBeLessThanOrEqual(1);
  }
});
