import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { compareCodePoints } from "../events/order.ts";
import { type ItemView, createItemViews } from "./item-view.ts";
import { diversify } from "./mmr.ts";
import { sampleItem, topics } from "./sample-ranking.ts";
import { itemLikeness } from "./similarity.ts";

const uncapped = { max: 100, window: 10 };

const pool = fc
  .array(
    fc.record({
      labels: fc.subarray(["a", "b", "c"]),
      vector: fc.option(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 })),
      score: fc.integer({ min: 0, max: 4 }).map((n) => n / 4),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((entries) => {
    const views = createItemViews();
    return {
      views: entries.map(({ labels, vector }, i) =>
        views.view(
          sampleItem(`i${(i * 5) % 17}`, { tags: topics(...labels), vector: vector ?? undefined }),
        ),
      ),
      scores: Float64Array.from(entries, ({ score }) => score),
    };
  });

/** The definition, comparing every pair at every step. */
function plainMmr(
  views: ItemView[],
  scores: Float64Array,
  lambda: number,
  limit: number,
): number[] {
  const best = Math.max(...scores);
  const picks: number[] = [];
  while (picks.length < Math.min(limit, views.length)) {
    const value = (at: number): number => {
      const relevance = best > 0 ? (lambda * scores[at]!) / best : 0;
      const closest = Math.max(0, ...picks.map((p) => itemLikeness(views[at]!, views[p]!)));
      return relevance - (1 - lambda) * closest;
    };
    const left = views.map((_, at) => at).filter((at) => !picks.includes(at));
    left.sort((a, b) => value(b) - value(a) || compareCodePoints(views[a]!.id, views[b]!.id));
    picks.push(left[0]!);
  }
  return picks;
}

describe("diversify", () => {
  test("takes exactly what the definition takes", () => {
    fc.assert(
      fc.property(
        pool,
        fc.constantFrom(0, 0.5, 0.8, 1),
        fc.integer({ min: 1, max: 14 }),
        ({ views, scores }, lambda, limit) => {
          const picks = diversify(views, scores, { lambda, limit, tagCap: uncapped });
          expect(picks).toEqual(plainMmr(views, scores, lambda, limit));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("holds the cap in every window while others are left, and fills up when none are", () => {
    const views = createItemViews();
    const items = ["x1", "x2", "x3", "x4", "y1", "y2"].map((id) =>
      views.view(sampleItem(id, { tags: topics(id[0]!) })),
    );
    const scores = Float64Array.of(1, 0.9, 0.8, 0.7, 0.2, 0.1);
    const options = { lambda: 1, limit: 6, tagCap: { max: 2, window: 4 } };
    const picked = diversify(items, scores, options).map((at) => items[at]!.id);
    expect(picked).toEqual(["x1", "x2", "y1", "y2", "x3", "x4"]);
    const alone = diversify(items.slice(0, 4), scores.slice(0, 4), options);
    expect(alone).toHaveLength(4);
  });

  test("the main tag is the heaviest, and items without tags are never crowded", () => {
    const views = createItemViews();
    const heavy = { facet: "topic", label: "heavy", weight: 0.9 };
    const light = { facet: "topic", label: "light", weight: 0.5 };
    const one = views.view(sampleItem("one", { tags: [light, heavy] }));
    const two = views.view(sampleItem("two", { tags: [heavy] }));
    expect(one.mainTag).toBe(two.mainTag);
    const bare = ["p", "q", "r"].map((id) => views.view(sampleItem(id)));
    const options = { lambda: 1, limit: 3, tagCap: { max: 1, window: 10 } };
    expect(diversify(bare, Float64Array.of(0.1, 0.3, 0.2), options)).toEqual([1, 2, 0]);
  });
});
