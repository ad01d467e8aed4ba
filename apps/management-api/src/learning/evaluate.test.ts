import { expect, it } from "vitest";

import { isPromotable, LEAST_EFFECTIVE } from "./evaluate.ts";

it.each([
  [LEAST_EFFECTIVE, 0.01, true],
  [LEAST_EFFECTIVE, 0, false],
  [LEAST_EFFECTIVE - 1, 0.01, false],
])("of %d effective places and a gain from %d on: promotable %s", (effective, low, wanted) => {
  expect(isPromotable({ effective, gain: { value: 0.02, low, high: 0.03 } })).toBe(wanted);
});
