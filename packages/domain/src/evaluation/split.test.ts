import { expect, it } from "vitest";

import { splitByHash, splitByTime, type SplitRow } from "./split.ts";

const row = (user_id: string, item_id: string, time: number): SplitRow => ({
  user_id,
  item_id,
  time,
});
const rows = [
  ...["3", "1", "2", "10", "4"].map((item, i) => row("u", item, i < 4 ? 5 : 1)),
  row("v", "1", 1),
];

it("holds back each user's last fifth by time, ties by item", () => {
  const numeric = (left: string, right: string) => Number(left) - Number(right);
  const { train, test } = splitByTime(rows, { compareItems: numeric });
  expect(test.map((one) => one.item_id)).toEqual(["10"]);
  expect(train).toHaveLength(5);
  expect(splitByTime(rows).test.map((one) => one.item_id)).toEqual(["3"]);
});

it("holds back the smallest hashes, whatever the order of rows", () => {
  const hash = (text: string) => (text === "u:2" ? "a" : `b${text}`);
  expect(splitByHash(rows, hash).test).toEqual([row("u", "2", 5)]);
  expect(splitByHash(rows.toReversed(), hash).test).toEqual([row("u", "2", 5)]);
});

it("leaves users of fewer rows than one share alone", () => {
  expect(splitByTime(rows.slice(0, 4)).test).toEqual([]);
});
