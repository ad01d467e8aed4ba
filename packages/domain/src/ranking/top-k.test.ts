import fc from "fast-check";
import { expect, test } from "vitest";

import { compareCodePoints } from "../events/order.ts";
import { createTopK } from "./top-k.ts";

test("keeps what sorting everything would put first", () => {
  const entries = fc.array(
    fc.record({ score: fc.integer({ min: -3, max: 3 }), id: fc.string({ maxLength: 2 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(entries, fc.integer({ min: 0, max: 12 }), (own, k) => {
      const best = createTopK(k);
      for (const [index, { score, id }] of own.entries()) {
        if (score >= best.floor()) best.push(index, score, id);
      }
      const sorted = [...own].sort((a, b) => b.score - a.score || compareCodePoints(a.id, b.id));
      const kept = best.take().map(({ index }) => own[index]!);
      expect(kept).toEqual(sorted.slice(0, k));
      expect(best.take()).toEqual([]);
    }),
  );
});
