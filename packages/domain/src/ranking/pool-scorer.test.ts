import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ContentItem } from "../content/types.ts";
import { rankingConfig } from "./config.ts";
import { createPoolScorer } from "./pool-scorer.ts";
import { rank } from "./rank.ts";
import { sampleInput, sampleItem, sampleModel, sampleRule, topics } from "./sample-ranking.ts";

const CONFIG = rankingConfig({});

const catalogue = fc
  .array(
    fc.record({
      labels: fc.subarray(["a", "b", "c"]),
      vector: fc.option(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 })),
      trend: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 16 },
  )
  .map((entries) => ({
    items: entries.map(({ labels, vector }, i): ContentItem =>
      sampleItem(`i${i}`, {
        tags: topics(...labels),
        ...(vector === null ? {} : { vector }),
        published_at: `2026-06-${String(1 + (i % 9)).padStart(2, "0")}T00:00:00.000Z`,
      }),
    ),
    trends: entries.map(({ trend }) => trend / 4),
  }));

const RULES = [
  sampleRule({ id: 0, kind: "boost", tag: "topic:a", strength: 0.3 }),
  sampleRule({ id: 1, kind: "bury", item_id: "i2", strength: 0.2 }),
  sampleRule({ id: 2, kind: "pin", item_id: "i4", place: 2 }),
];

const model = sampleModel({
  positives: { i1: 0.9, i3: 0.5 },
  recent: ["i3", "i1"],
  tag_affinity: { "topic:a": 1, "topic:b": 0.4 },
  tag_aversion: { "topic:c": 0.5 },
  tasteOf: [1, 0.5],
});

describe("lists from one pool", () => {
  test("are those of a pool that never had what they exclude, in any order of asking", () => {
    fc.assert(
      fc.property(
        catalogue,
        fc.array(
          fc.tuple(fc.array(fc.nat(20), { maxLength: 12 }), fc.integer({ min: 1, max: 20 })),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        fc.boolean(),
        fc.subarray(RULES),
        ({ items, trends }, wishes, isWarm, rules) => {
          const input = sampleInput(items, {
            model: isWarm ? model : undefined,
            itemSignals: (id) => {
              const trend = trends[Number(id.slice(1))] ?? 0;
              return { trend, quality: trend / 2, popularity: trend };
            },
            neighbours: (id) =>
              id === "i1"
                ? [
                    { item_id: "i2", similarity: 0.6 },
                    { item_id: "i4", similarity: 0.3 },
                  ]
                : id === "i3"
                  ? [{ item_id: "i2", similarity: 0.2 }]
                  : [],
          });
          const pool = createPoolScorer(CONFIG)(input);
          for (const [places, limit] of wishes) {
            const exclude = new Set(places.map((place) => `i${place}`));
            const left = input.candidates.filter(({ item }) => !exclude.has(item.item_id));
            const options = { limit, reasonsPerItem: 3, rules };
            const { ranking, items: content } = pool.list({ exclude, ...options });
            const others = createPoolScorer(CONFIG)({ ...input, candidates: left });
            expect(ranking).toEqual(others.list({ exclude: new Set(), ...options }).ranking);
            if (rules.length === 0) {
              expect(ranking).toEqual(rank({ ...input, candidates: left, limit }, CONFIG));
            }
            expect(content.map((item) => item.item_id)).toEqual(
              ranking.items.map((item) => item.item_id),
            );
          }
        },
      ),
    );
  });

  test("are counted by source, a candidate once for each that found it", () => {
    const [a, b] = [sampleItem("a"), sampleItem("b")];
    const pool = createPoolScorer()({
      ...sampleInput([]),
      candidates: [
        { item: a, sources: ["popular", "tag"] },
        { item: b, sources: ["popular"] },
        { item: a, sources: ["tag", "new"] },
      ],
    });
    const counts = (exclude: string[]) =>
      pool.list({ exclude: new Set(exclude), limit: 5, reasonsPerItem: 3 }).ranking.sources;
    expect(counts([])).toEqual({ tag: 1, new: 1, popular: 2 });
    expect(counts(["a", "unknown"])).toEqual({ popular: 1 });
  });
});
