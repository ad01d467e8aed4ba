import { describe, expect, it } from "vitest";

import {
  averagePrecision,
  bootstrapInterval,
  coverage,
  coverageWithin,
  groupedInterval,
  ndcg,
  novelty,
  recall,
} from "./metrics.ts";

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

  it("is 0 where nothing is relevant", () => {
    expect(ndcg(["a"], new Set(), 1)).toBe(0);
  });
});

it("recall divides by all that was to be found", () => {
  expect(recall(["a", "x", "b"], new Set(["a", "b", "c", "d"]), 2)).toBe(0.25);
});

it("average precision is the mean of the precision at each hit", () => {
  expect(averagePrecision(["a", "x", "b"], new Set(["a", "b"]), 3)).toBeCloseTo((1 + 2 / 3) / 2);
  expect(averagePrecision(["x", "a", "b"], new Set(["a", "b"]), 1)).toBe(0);
});

it("coverage counts an item once", () => {
  expect(
    coverage(
      [
        ["a", "b"],
        ["a", "c"],
      ],
      4,
      2,
    ),
  ).toBe(0.75);
});

it("the interval of coverage holds it, and is a point where all lists are equal", () => {
  let state = 7;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const lists = Array.from({ length: 40 }, (_, at) => [`i${at % 25}`]);
  const { value, interval } = coverageWithin(lists, 50, { k: 1, random });
  expect(value).toBe(0.5);
  expect(interval[0]).toBeLessThan(0.5);
  expect(interval[1]).toBeGreaterThan(0.5);
  expect(coverageWithin([["a"], ["a"]], 4, { k: 1, random }).interval).toEqual([0.25, 0.25]);
});

it("novelty is one bit for what half of the users have", () => {
  const users = { of: (item: string) => (item === "a" ? 2 : 0), total: 4 };
  expect(novelty([["a"]], users, 1)).toBe(1);
  expect(novelty([["unknown"]], users, 1)).toBe(2);
});

it("the bootstrap interval holds the mean and is a point for equal values", () => {
  let state = 1;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const [low, high] = bootstrapInterval([0, 0, 1, 1], { random });
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  expect(bootstrapInterval([0.3, 0.3], { random })).toEqual([0.3, 0.3]);
});

it("an interval drawn by groups is wider where values of a group are alike", () => {
  let state = 3;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const groups = [Array(50).fill(0), Array(50).fill(1), Array(50).fill(0), Array(50).fill(1)];
  const grouped = groupedInterval(groups, { random });
  const single = bootstrapInterval(groups.flat(), { random });
  expect(grouped[1] - grouped[0]).toBeGreaterThan(3 * (single[1] - single[0]));
  expect(groupedInterval([[0.3], [], [0.3, 0.3]], { random })).toEqual([0.3, 0.3]);
  expect(groupedInterval([[]], { random })).toEqual([0, 0]);
});
