import { describe, expect, it } from "vitest";

import { buildInteractions } from "../interactions/build.ts";
import { seeded } from "../testing/sample.ts";
import { compareEach, judgeLists, scoreLists, type Recommend } from "./judge-lists.ts";

/** One person of each segment, at its edges: how many items each was fitted on. */
const SIZES = { a: 1, b: 9, c: 10, d: 49, e: 50 };
const train = buildInteractions(
  Object.entries(SIZES).flatMap(([user_id, size]) =>
    Array.from({ length: size }, (_, at) => ({ user_id, item_id: `i${at}`, weight: 1 })),
  ),
);
const tests = Object.keys(SIZES).map((user) => ({ user, items: [`i60 ${user}`, `i61 ${user}`] }));
const judged = (recommend: Recommend) =>
  judgeLists(recommend, { train, tests }, { random: seeded(1) });
const future: Recommend = (user) => tests.find((one) => one.user === user)!.items;

describe("judgement of lists", () => {
  it("is 1 for who knows the future, 0 for who knows nothing", () => {
    const best = judged(future);
    expect(best.metrics).toMatchObject({ "ndcg@20": 1, "recall@20": 1, "map@20": 1, "ndcg@10": 1 });
    expect(best.intervals).toMatchObject({ "ndcg@20": [1, 1], "recall@10": [1, 1] });
    expect(Object.keys(best.intervals).toSorted()).toEqual(Object.keys(best.metrics).toSorted());
    const worst = judged(() => []);
    expect(worst.metrics).toMatchObject({ "ndcg@20": 0, "coverage@20": 0, "novelty@20": 0 });
    const difference = compareEach(best.each, worst.each, seeded(1));
    expect(difference).toEqual({ mean: 1, interval: [1, 1] });
    expect([scoreLists(future, tests), scoreLists(() => [], tests)]).toEqual([1, 0]);
  });

  it("tells people apart by how many of their items were fitted on", () => {
    const { segments, each, metrics } = judged((user) => (user < "c" ? future(user) : []));
    expect(segments).toMatchObject([
      { entries: "1-9", users: 2, "ndcg@20": 1, "recall@20": 1, interval: [1, 1] },
      { entries: "10-49", users: 2, "ndcg@20": 0, "recall@20": 0 },
      { entries: "50+", users: 1, "ndcg@20": 0, "recall@20": 0 },
    ]);
    expect(each).toEqual([1, 1, 0, 0, 0]);
    expect(metrics["ndcg@20"]).toBe(0.4);
  });

  it("counts an item the training never saw as missed, and bits by who has an item", () => {
    const { metrics } = judgeLists(
      () => ["i0", "i49"],
      { train, tests: [{ user: "a", items: ["i49", "new"] }] },
      { random: seeded(1) },
    );
    expect(metrics["recall@20"]).toBe(0.5);
    expect(metrics["coverage@20"]).toBe(2 / 50);
    // All five have i0, one of them i49.
    expect(metrics["novelty@20"]).toBeCloseTo(Math.log2(5) / 2, 5);
  });

  it("tells apart what could be found at all", () => {
    const { metrics, known_items } = judgeLists(
      () => ["i49"],
      {
        train,
        tests: [
          { user: "a", items: ["i49", "new"] },
          { user: "b", items: ["newer"] },
        ],
      },
      { random: seeded(1) },
    );
    expect(metrics["recall@20"]).toBe(0.25);
    expect(known_items).toMatchObject({
      users: 1,
      unknown_items: 2,
      metrics: { "recall@20": 1, "ndcg@20": 1 },
      intervals: { "recall@20": [1, 1] },
    });
  });

  it("items that the same people have are alike: a list of them is not diverse", () => {
    const diversity = (list: string[]) => judged(() => list).metrics["diversity@10"];
    // i10 to i48 have the same two people; i0 has all five, i49 one of them.
    expect(diversity(["i10", "i11"])).toBe(0);
    expect(diversity(["i0", "i49"])).toBeCloseTo(1 - 1 / Math.sqrt(5), 5);
    expect(diversity(["i0", "nobody's"])).toBe(1);
  });
});
