import { compareCodePoints } from "@signalpath/domain";
import fc from "fast-check";
import { expect, test } from "vitest";

import { createIdOrder } from "./id-order.ts";

const someId = fc.oneof(fc.constantFrom("a", "b", "aa", "\uffff", "\u{10000}"), fc.string());
/** An id to put, a place to empty, or a question. */
const someStep = fc.oneof(
  fc.record({ put: someId }),
  fc.record({ drop: fc.nat({ max: 9 }) }),
  fc.constant({ ask: true }),
);

test("the order is that of a full sort, whenever it is asked for", () => {
  fc.assert(
    fc.property(fc.array(someStep, { maxLength: 60 }), (steps) => {
      const ids: (string | undefined)[] = [];
      const order = createIdOrder((row) => ids[row]!);
      const isRight = () => {
        const rows = ids.flatMap((id, row) => (id === undefined ? [] : [row]));
        rows.sort((a, b) => compareCodePoints(ids[a]!, ids[b]!));
        const ranks = order.ranks();
        expect([...ranks.rows]).toEqual(rows);
        ids.forEach((id, row) =>
          expect(ranks.of[row] ?? -1).toBe(id === undefined ? -1 : rows.indexOf(row)),
        );
      };
      for (const step of steps) {
        if ("put" in step) {
          if (ids.includes(step.put)) continue;
          const free = ids.indexOf(undefined);
          const row = free < 0 ? ids.length : free;
          ids[row] = step.put;
          order.add(row);
        } else if ("drop" in step) {
          if (ids[step.drop] === undefined) continue;
          ids[step.drop] = undefined;
          order.drop(step.drop);
        } else isRight();
      }
      isRight();
    }),
  );
});
