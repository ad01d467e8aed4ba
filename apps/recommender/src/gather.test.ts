import {
  candidatesOf,
  createItemViews,
  type CandidateQuery,
  type ContentItem,
} from "@signalpath/domain";
import { createMemoryContentStore } from "@signalpath/ports";
import type { ItemStatsSnapshot } from "@signalpath/service-kit";
import { expect, test } from "vitest";

import { createGather } from "./gather.ts";

const PROJECT = 1;
const NOW_MS = Date.UTC(2026, 5, 12, 12);
const K = 5;
const HERE = { lat: 50, lon: 8 };

/** The lower its number, the sooner every search finds it; the first 80 are out. */
const ITEMS = Array.from({ length: 100 }, (_, n): ContentItem => ({
  item_id: `i${String(n).padStart(3, "0")}`,
  title: "t",
  tags: [{ facet: "theme", label: "all" }],
  vector: [1, n / 100],
  lat: HERE.lat + n / 1_000,
  lon: HERE.lon,
  published_at: new Date(NOW_MS - n * 1_000).toISOString(),
}));
const IDS = ITEMS.map(({ item_id }) => item_id);
const OUT = new Set(IDS.slice(0, 80));

const trendOf = (n: number) => 1 - n / 1_000;
const snapshot: ItemStatsSnapshot = {
  revision: 1,
  tickMs: NOW_MS,
  signals: new Map(
    IDS.map((id, n) => {
      const trend = trendOf(n);
      return [id, { trend, trend6h: trend, trend7d: trend, quality: 1, popularity: trend }];
    }),
  ),
  hours: () => [],
  neighbours: () => [],
  neighboursComputedAt: undefined,
};

const queries: CandidateQuery[] = [
  { source: "vector", vector: Float32Array.of(1, 0), k: K },
  { source: "tag", weights: { "theme:all": 1 }, k: K },
  { source: "near", point: HERE, k: K },
  { source: "new", k: K },
  { source: "item_to_item", ids: IDS, k: K },
  { source: "collaborative", ids: IDS, k: K },
  { source: "rule", ids: IDS, k: K },
  { source: "trending", k: K },
  { source: "trending_7d", k: K },
  { source: "popular", k: K },
];

test.each(queries)("what is out uses up no place of $source", async (query) => {
  const content = createMemoryContentStore();
  await content.upsert(PROJECT, ITEMS);
  const gather = createGather(content);
  const isOut = ({ item_id }: ContentItem) => OUT.has(item_id);
  const project = { id: PROJECT, views: createItemViews() };
  const found = candidatesOf(await gather(project, [query], { nowMs: NOW_MS }, snapshot, isOut));
  const ids = found.map(({ item }) => item.item_id);
  expect(ids.filter((id) => !OUT.has(id))).toEqual(IDS.slice(80, 80 + K));
  // The first of what is out is there too, to be counted, and no more of it.
  expect(ids.filter((id) => OUT.has(id))).toEqual(IDS.slice(0, K));
});
