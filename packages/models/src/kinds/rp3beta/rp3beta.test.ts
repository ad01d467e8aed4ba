import { findString } from "@signalpath/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";

import { buildInteractions } from "../../interactions/build.ts";
import { denseOf, transposed } from "../../testing/dense.ts";
import { someRows } from "../../testing/sample.ts";
import { rp3beta } from "./rp3beta.ts";

it("scores are powered probabilities of walks over popularity", async () => {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  await fc.assert(
    fc.asyncProperty(
      someRows,
      fc.constantFrom(0.5, 1),
      fc.constantFrom(0, 0.6),
      async (rows, alpha, beta) => {
        const interactions = buildInteractions(rows);
        const x = denseOf(interactions);
        const columns = transposed(x);
        const parameters = { alpha, beta, neighbours: 100, confidence: "weights" } as const;
        const model = await rp3beta.train(interactions, parameters, { random: () => 0.5 });
        const user_id = rows[0]!.user_id;
        const own = x[findString(interactions.users, user_id)]!;
        const scores = rp3beta.scoreAll(model, { user: user_id });
        columns.forEach((target, j) => {
          let expected = 0;
          columns.forEach((seed, i) => {
            if (i === j) return;
            const walk = x.map(
              (row) => (row[i]! / sum(seed)) ** alpha * (row[j]! / sum(row)) ** alpha,
            );
            // 0 ** 0 would be 1; alpha is above 0 here, so a missing step stays 0.
            expected += (own[i]! * sum(walk)) / sum(target) ** beta;
          });
          expect(scores[j] || 0).toBeCloseTo(expected, 5);
        });
      },
    ),
    { numRuns: 40 },
  );
});
