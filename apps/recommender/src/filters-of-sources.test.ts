import {
  CANDIDATE_SOURCES,
  candidatesOf,
  createItemViews,
  createPoolScorer,
  distanceM,
  hash32,
  RANKING_CONFIG,
  type CandidateQuery,
  type CandidateSource,
  type ContentItem,
} from "@signalpath/domain";
import { createMemoryContentStore } from "@signalpath/ports";
import type { ItemStatsSnapshot } from "@signalpath/service-kit";
import fc from "fast-check";
import { expect, test } from "vitest";

import { createGather } from "./gather.ts";
import { sampleRule } from "./sample-rule.ts";

const PROJECT = 1;
const NOW_MS = Date.UTC(2026, 5, 12, 12);
const HERE = { lat: 50, lon: 8 };
const RADIUS_M = 1_000;
const at = (ms: number) => new Date(NOW_MS + ms).toISOString();
const COUNT = 24;
const idOf = (n: number) => `i${n}`;

/** What one item may be: every way in which a filter takes it out, alone or with others. */
const anItem = fc.record({
  seen: fc.boolean(),
  hidden: fc.boolean(),
  publishedIn: fc.constantFrom(-1_000, 0, 1, 1_000),
  expiresIn: fc.constantFrom(undefined, -1, 0, 1_000),
  isForeign: fc.boolean(),
  carriesTag: fc.boolean(),
  north: fc.constantFrom(undefined, 0, 0.005, 0.5),
  excludedBy: fc.constantFrom("nothing", "nothing", "request", "rule"),
});
type Traits = typeof anItem extends fc.Arbitrary<infer T> ? T : never;

const contentOf = (traits: Traits, n: number): ContentItem => ({
  item_id: idOf(n),
  title: idOf(n),
  tags: [
    { facet: "theme", label: "all" },
    ...(traits.carriesTag ? [{ facet: "theme", label: "wanted" }] : []),
  ],
  vector: [1, n / 100],
  published_at: at(traits.publishedIn),
  ...(traits.expiresIn === undefined ? {} : { expires_at: at(traits.expiresIn) }),
  ...(traits.north === undefined ? {} : { lat: HERE.lat + traits.north, lon: HERE.lon }),
});

/** A search of each source that would find every item if nothing were filtered. */
function searchOf(source: CandidateSource, ids: readonly string[]): CandidateQuery {
  const k = 2 * COUNT;
  switch (source) {
    case "vector":
      return { source, vector: Float32Array.of(1, 0), k };
    case "tag":
      return { source, weights: { "theme:all": 1 }, k };
    case "near":
      return { source, point: HERE, k };
    case "item_to_item":
    case "collaborative":
    case "rule":
      return { source, ids, k };
    default:
      return { source, k };
  }
}

test.each(CANDIDATE_SOURCES)("every filter holds for candidates of %s", async (source) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anItem, { minLength: COUNT, maxLength: COUNT }),
      fc.boolean(),
      fc.boolean(),
      async (all, byTag, byRadius) => {
        const items = all.map(contentOf);
        const ids = items.map(({ item_id }) => item_id);
        const content = createMemoryContentStore();
        for (const [n, item] of items.entries()) {
          await content.upsert(all[n]!.isForeign ? PROJECT + 1 : PROJECT, [item]);
        }
        const counted = { trend: 1, trend6h: 1, trend7d: 1, quality: 1, popularity: 1 };
        const snapshot: ItemStatsSnapshot = {
          revision: 1,
          tickMs: NOW_MS,
          signals: new Map(ids.map((id) => [id, counted])),
          hours: () => [],
          neighbours: () => [],
          neighboursComputedAt: undefined,
        };
        const idsWith = (isSo: (traits: Traits) => boolean) => ids.filter((_, n) => isSo(all[n]!));
        const seen = idsWith((traits) => traits.seen).map(hash32);
        const filter = {
          seen: new Set(seen),
          exclude: new Set(idsWith((traits) => traits.hidden)),
          ...(byTag ? { tag: "theme:wanted" } : {}),
          ...(byRadius ? { within: { point: HERE, radiusM: RADIUS_M } } : {}),
          nowMs: NOW_MS,
        };
        const search = [searchOf(source, ids)];
        const views = createItemViews();
        const project = { id: PROJECT, views };
        const found = await createGather(content)(project, search, filter, snapshot);
        const candidates = candidatesOf(found);
        const pool = createPoolScorer(
          RANKING_CONFIG,
          views,
        )({
          model: undefined,
          candidates,
          itemSignals: () => counted,
          neighbours: () => [],
          content: () => undefined,
          nowMs: NOW_MS,
          near: undefined,
        });
        const rules = idsWith((traits) => traits.excludedBy === "rule").map((item_id, id) =>
          sampleRule({ id, item_id }),
        );
        const { ranking } = pool.list({
          exclude: new Set(idsWith((traits) => traits.excludedBy === "request")),
          limit: 100,
          reasonsPerItem: 0,
          rules,
        });
        const allowed = ids.filter((_, n) => {
          const { lat, lon } = items[n]!;
          const one = all[n]!;
          const isPlaced = lat !== undefined && lon !== undefined;
          return (
            !(one.seen || one.hidden || one.isForeign) &&
            one.publishedIn <= 0 &&
            (one.expiresIn === undefined || one.expiresIn > 0) &&
            one.excludedBy === "nothing" &&
            (!byTag || one.carriesTag) &&
            (source !== "near" || isPlaced) &&
            (!byRadius || (isPlaced && distanceM(HERE, { lat, lon }) <= RADIUS_M))
          );
        });
        // Nothing else is found, and nothing that may be shown is lost.
        expect(ranking.items.map(({ item_id }) => item_id).sort()).toEqual(allowed.sort());
      },
    ),
    { numRuns: 40 },
  );
});
