import { expect, it } from "vitest";

import { sharesOf } from "./search.ts";

it("asks fewer people first where there are many", () => {
  expect(sharesOf(1_000)).toEqual([1]);
  expect(sharesOf(100_000)).toEqual([1 / 3, 1]);
  expect(sharesOf(10_000_000)).toEqual([1 / 9, 1 / 3, 1]);
});
