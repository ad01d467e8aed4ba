import { findString } from "@signalpath/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";

import { buildInteractions } from "../../interactions/build.ts";
import { denseOf, dot, transposed } from "../../testing/dense.ts";
import { someRows } from "../../testing/sample.ts";
import { itemKnn } from "./item-knn.ts";

const random = () => 0.5;

it("scores are sums of shrunk cosines over each item's nearest neighbours", async () => {
  await fc.assert(
    fc.asyncProperty(
      someRows,
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(0, 2),
      async (rows, neighbours, shrink) => {
        const interactions = buildInteractions(rows);
        const x = denseOf(interactions);
        const columns = transposed(x);
        const likeness = columns.map((a, i) =>
          columns.map((b, j) =>
            // Lengths multiplied as the code does: what ties there ties here.
            i === j ? 0 : dot(a, b) / (Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b)) + shrink),
          ),
        );
        const model = await itemKnn.train(
          interactions,
          { neighbours, shrink, confidence: "weights" },
          { random },
        );
        for (const { user_id } of rows) {
          const user = findString(interactions.users, user_id);
          const scores = itemKnn.scoreAll(model, { user: user_id });
          likeness.forEach((row, j) => {
            const nearest = [...row.keys()]
              .filter((i) => row[i]! > 0)
              .sort((a, b) => row[b]! - row[a]! || a - b)
              .slice(0, neighbours);
            const expected = nearest.reduce((sum, i) => sum + x[user]![i]! * row[i]!, 0);
            expect(scores[j] || 0).toBeCloseTo(expected, 5);
          });
        }
      },
    ),
    { numRuns: 40 },
  );
});

it("an item nobody shares with the seeds has no score and is in no list", async () => {
  const rows = ["ua", "ub", "vc", "vd"].map((pair) => ({
    user_id: pair.slice(0, 1),
    item_id: pair.slice(1),
    weight: 1,
  }));
  const model = await itemKnn.train(buildInteractions(rows), {}, { random });
  expect([...itemKnn.scoreAll(model, { seedItems: ["a"] })].map(Number.isNaN)).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(itemKnn.related(model, ["a"], { k: 9 }).map((one) => one.item_id)).toEqual(["b"]);
});
