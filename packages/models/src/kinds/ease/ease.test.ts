import { findString } from "@signalpath/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { buildInteractions } from "../../interactions/build.ts";
import { denseOf, inverted, times, transposed } from "../../testing/dense.ts";
import { seeded, someRows, tasteRows } from "../../testing/sample.ts";
import { chooseForm, chooseStorage } from "./choose.ts";
import { ease, type EaseParameters } from "./ease.ts";

const random = () => 0.5;
const exact = { storage: "sparse", neighbours: 10_000, confidence: "weights" } as const;

/** B of the closed form by plain inversion. */
function naive(x: number[][], lambda: number, dropout: number): number[][] {
  const gram = times(transposed(x), x);
  const p = inverted(
    gram.map((row, i) =>
      row.map((value, j) =>
        i === j ? value + lambda + (dropout / (1 - dropout)) * gram[i]![i]! : value,
      ),
    ),
  );
  return p.map((row, i) => row.map((value, j) => (i === j ? 0 : -value / p[j]![j]!)));
}

describe.each(["primal", "dual"] as const)("ease, %s form", (form) => {
  it("is the closed form", async () => {
    await fc.assert(
      fc.asyncProperty(
        someRows,
        fc.constantFrom(0.5, 20),
        fc.constantFrom(0, 0.5),
        async (rows, lambda, dropout) => {
          const interactions = buildInteractions(rows);
          const x = denseOf(interactions);
          const b = naive(x, lambda, dropout);
          const model = await ease.train(
            interactions,
            { ...exact, lambda, dropout, form },
            { random },
          );
          const user_id = rows[0]!.user_id;
          const own = x[findString(interactions.users, user_id)]!;
          const scores = ease.scoreAll(model, { user: user_id });
          b.forEach((_, j) => {
            const expected = own.reduce((sum, value, i) => sum + value * b[i]![j]!, 0);
            expect(scores[j] || 0).toBeCloseTo(expected, 5);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it("a score is the sum of its contributions alone", async () => {
    const interactions = buildInteractions(tasteRows(30, 20, 0.3, seeded(4)));
    for (const storage of ["dense", "sparse"] as const) {
      const model = await ease.train(interactions, { form, storage, lambda: 5 }, { random });
      const { base, contributions } = ease.explain(model, { user: "u3" }, "i7");
      expect(base).toBeCloseTo(0, 10);
      expect(contributions.length).toBeGreaterThan(1);
    }
  });
});

it("both forms give the same matrix on larger data", async () => {
  const interactions = buildInteractions(tasteRows(90, 150, 0.15, seeded(1)));
  const [primal, dual] = await Promise.all(
    (["primal", "dual"] as const).map((form) =>
      ease.train(interactions, { ...exact, lambda: 10, form }, { random }),
    ),
  );
  for (const user of ["u0", "u7", "u89"]) {
    const expected = ease.scoreAll(primal!, { user });
    ease
      .scoreAll(dual!, { user })
      .forEach((score, i) => expect(score).toBeCloseTo(expected[i]!, 5));
  }
});

it("a byte per value costs less than 0.5 % of the spread of scores", async () => {
  const interactions = buildInteractions(tasteRows(120, 200, 0.12, seeded(2)));
  const full = await ease.train(interactions, { ...exact, lambda: 20 }, { random });
  const bytes = await ease.train(
    interactions,
    { storage: "dense", confidence: "weights", lambda: 20 },
    { random },
  );
  for (let user = 0; user < 120; user += 10) {
    const expected = ease.scoreAll(full, { user: `u${user}` }).map((score) => score || 0);
    const spread = Math.max(...expected) - Math.min(...expected);
    ease.scoreAll(bytes, { user: `u${user}` }).forEach((score, i) => {
      expect(Math.abs(score - expected[i]!)).toBeLessThan(0.005 * spread);
    });
  }
});

it("keeps the values of largest size of each row", async () => {
  const interactions = buildInteractions(tasteRows(40, 30, 0.3, seeded(3)));
  const parameters = { ...exact, lambda: 5 };
  const full = await ease.train(interactions, parameters, { random });
  const cut = await ease.train(interactions, { ...parameters, neighbours: 6 }, { random });
  const row = (model: typeof full, seed: string) =>
    ease.scoreAll(model, { seedItems: [seed] }).map((score) => score || 0);
  const whole = [...row(full, "i4")];
  const least = whole.map(Math.abs).sort((a, b) => b - a)[5]!;
  expect([...row(cut, "i4")]).toEqual(whole.map((score) => (Math.abs(score) >= least ? score : 0)));
});

it("takes the cheaper form, and all of the matrix where that is small", () => {
  const auto = { form: "auto", storage: "auto" } as EaseParameters;
  expect(chooseForm({ users: 600, items: 9_000, entries: 80_000 }, auto)).toBe("dual");
  expect(chooseForm({ users: 90_000, items: 3_000, entries: 900_000 }, auto)).toBe("primal");
  expect(chooseStorage({ users: 1, items: 10_000, entries: 1 }, auto)).toBe("dense");
  expect(chooseStorage({ users: 1, items: 50_000, entries: 1 }, auto)).toBe("sparse");
});
