import { describe, expect, test } from "vitest";

import { rankingConfig } from "./config.ts";
import {
  candidatesOf,
  collaborativeCandidates,
  planCandidates,
  popularCandidates,
  recentNeighbours,
  trendingCandidates,
} from "./plan.ts";
import { sampleItem, sampleModel } from "./sample-ranking.ts";
import type { Neighbour } from "./types.ts";

const table: Record<string, Neighbour[]> = {
  p: [
    { item_id: "a", similarity: 0.5 },
    { item_id: "b", similarity: 0.4 },
    { item_id: "q", similarity: 0.3 },
  ],
  q: [
    { item_id: "b", similarity: 0.4 },
    { item_id: "c", similarity: 0.4 },
    { item_id: "seen", similarity: 0.9 },
  ],
};
const neighbours = (id: string) => table[id] ?? [];
const content = (id: string) => (id === "p" ? sampleItem("p", { vector: [0, 1] }) : undefined);
const model = sampleModel({
  positives: { p: 1, q: 0.5 },
  negatives: { q: 1 },
  recent: ["q", "p"],
  seenIds: ["p", "q", "seen"],
  interests: ["p", "gone"],
  tag_affinity: { "topic:x": 1 },
  tasteOf: [1, 0],
});

describe("planCandidates", () => {
  test("an unknown person gets what is trending, new and popular, and near when asked", () => {
    const sources = (near?: { lat: number; lon: number }) =>
      planCandidates({ model: undefined, near, neighbours, content }).map(({ source }) => source);
    expect(sources()).toEqual(["new", "trending", "trending_7d", "popular"]);
    expect(sources({ lat: 1, lon: 1 })).toEqual([
      "new",
      "near",
      "trending",
      "trending_7d",
      "popular",
    ]);
  });

  test("a model adds its vectors, tags and neighbours", () => {
    const queries = planCandidates({ model, near: undefined, neighbours, content });
    expect(queries.slice(0, 5)).toEqual([
      { source: "vector", vector: Float32Array.of(1, 0), k: 150 },
      { source: "vector", vector: Float32Array.of(0, 1), k: 150 },
      { source: "tag", weights: { "topic:x": 1 }, k: 100 },
      { source: "item_to_item", ids: ["a", "b", "q"], k: 3 },
      { source: "collaborative", ids: ["b", "a", "c"], k: 3 },
    ]);
  });

  test("a source set to 0 is not asked, an empty model asks for nothing personal", () => {
    const config = rankingConfig({ candidates: { tag: 0, trending: 0 } });
    const sources = planCandidates({ model, near: undefined, neighbours, content }, config);
    expect(sources.map(({ source }) => source)).not.toContain("tag");
    expect(sources.map(({ source }) => source)).not.toContain("trending");
    const empty = { model: sampleModel(), near: undefined, neighbours, content };
    expect(planCandidates(empty)).toHaveLength(4);
  });
});

test("collaborative candidates are summed, unseen, best first, and cut", () => {
  expect(collaborativeCandidates(model, neighbours, 10)).toEqual(["b", "a", "c"]);
  expect(collaborativeCandidates(model, neighbours, 1)).toEqual(["b"]);
});

test("neighbours of what was disliked are not asked for", () => {
  expect(recentNeighbours(model, (id) => neighbours(id).map((one) => one.item_id), 2, 20)).toEqual([
    "a",
    "b",
  ]);
});

test("trending and popular candidates leave out what has none, ties by id", () => {
  const signals = new Map([
    ["c", { trend: 0.5, quality: 0, popularity: 0 }],
    ["b", { trend: 0.5, quality: 0, popularity: 1 }],
    ["a", { trend: 0, quality: 1, popularity: 0.5 }],
  ]);
  expect(trendingCandidates(signals, 5)).toEqual(["b", "c"]);
  expect(trendingCandidates(signals, 1)).toEqual(["b"]);
  expect(popularCandidates(signals, 5)).toEqual(["b", "a"]);
});

test("an item is a candidate once for each search that found it", () => {
  const [a, b] = [sampleItem("a"), sampleItem("b")];
  const found = candidatesOf([
    { source: "tag", items: [a, b] },
    { source: "vector", items: [b] },
  ]);
  expect(found).toEqual([
    { item: a, sources: ["tag"] },
    { item: b, sources: ["tag"] },
    { item: b, sources: ["vector"] },
  ]);
});
