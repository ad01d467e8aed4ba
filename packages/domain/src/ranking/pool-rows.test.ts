import fc from "fast-check";
import { expect, test } from "vitest";

import { createItemViews } from "./item-view.ts";
import { createPoolRows } from "./pool-rows.ts";
import { sampleItem, topics } from "./sample-ranking.ts";
import { tagCosine, unitCosine } from "./similarity.ts";

const anyTraits = fc.record({
  labels: fc.subarray(["a", "b", "c", "d", "e"]),
  vector: fc.option(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 7 }), {
    nil: undefined,
  }),
});

test("candidates side by side are as alike to an item as one by one, to the last bit", () => {
  fc.assert(
    fc.property(
      fc.array(anyTraits, { maxLength: 12 }),
      fc.array(anyTraits, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (candidates, others, areKnownFirst) => {
        const views = createItemViews();
        const viewsOf = (all: typeof candidates, prefix: string) =>
          all.map(({ labels, vector }, n) =>
            views.view(sampleItem(`${prefix}${n}`, { tags: topics(...labels), vector })),
          );
        // The numbers of tags follow what was viewed first.
        const asked = areKnownFirst ? viewsOf(others, "o") : [];
        const pool = viewsOf(candidates, "c");
        if (!areKnownFirst) asked.push(...viewsOf(others, "o"));
        const rows = createPoolRows(pool);
        const places = Int32Array.from(pool.keys()).reverse();
        for (const item of asked) {
          const tags = pool.map((one) => tagCosine(one, item)).reverse();
          expect([...rows.tagCosines(item, places, pool.length)]).toEqual(tags);
          if (item.unit === undefined) continue;
          const vectors = pool.map((one) => unitCosine(one.unit, item.unit));
          expect([...rows.cosines(item.unit)]).toEqual(vectors);
        }
      },
    ),
  );
});
