import fc from "fast-check";
import { expect, test } from "vitest";

import { createIdCounter } from "./id-counter.ts";

test("counts different ids as a set does", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 200 }), (ids) => {
      const counter = createIdCounter();
      for (const id of ids) counter.add(id);
      expect(counter.count()).toBe(new Set(ids).size);
    }),
  );
});

test("tells a hundred thousand numbered ids apart, each added twice", () => {
  const counter = createIdCounter();
  for (let n = 0; n < 200_000; n++) counter.add(`user-${n % 100_000}`);
  expect(counter.count()).toBe(100_000);
});
