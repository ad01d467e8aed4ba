import fc from "fast-check";
import { expect, it } from "vitest";

import { topK } from "./top-k.ts";

const scores = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN)), {
  maxLength: 60,
});

it("is the head of a full sort: larger first, of equal ones the smaller row", () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 70 }), fc.func(fc.boolean()), (all, k, out) => {
      const leftOut = Uint8Array.from(all, (_, row) => (out(row) ? 1 : 0));
      const sorted = [...all.keys()]
        .filter((row) => leftOut[row] === 0 && Number.isFinite(all[row]))
        .sort((a, b) => all[b]! - all[a]! || a - b);
      expect([...topK(all, k, leftOut)]).toEqual(sorted.slice(0, k));
    }),
  );
});

it("keeps nothing of what is not finite", () => {
  expect([...topK([Number.NaN, Infinity, -Infinity, 1], 4)]).toEqual([3]);
});
