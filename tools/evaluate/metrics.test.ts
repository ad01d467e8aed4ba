import { describe, expect, it } from "vitest";

import { ndcg, recall } from "./metrics.ts";
import { splitByTime, type Rating } from "./movielens.ts";

describe("ndcg", () => {
  it("is 1 for the ideal list, whatever comes behind it", () => {
    expect(ndcg(["a", "b", "x"], new Set(["a", "b"]), 10)).toBe(1);
  });

  it("counts a hit at place 2 as 1 / log2(3) of the one at place 1", () => {
    expect(ndcg(["x", "a"], new Set(["a"]), 10)).toBeCloseTo(1 / Math.log2(3), 12);
  });

  it("cuts the ideal at k", () => {
    expect(ndcg(["a"], new Set(["a", "b", "c"]), 1)).toBe(1);
  });
});

it("recall divides by all that was to be found", () => {
  expect(recall(["a", "x", "b"], new Set(["a", "b", "c", "d"]), 2)).toBe(0.25);
});

it("the split holds back each person's last fifth by time, ties by item", () => {
  const rating = (user: string, item: string, time: number): Rating => ({
    user,
    item,
    time,
    rating: 4,
    line: "",
  });
  const five = ["3", "1", "2", "10", "4"].map((item, i) => rating("u", item, i < 4 ? 5 : 1));
  const { train, test } = splitByTime([...five, rating("v", "1", 1)]);
  expect(test.map((one) => one.item)).toEqual(["10"]);
  expect(train).toHaveLength(5);
});
