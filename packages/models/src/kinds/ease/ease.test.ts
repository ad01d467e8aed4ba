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

type Fit = Pick<EaseParameters, "lambda" | "dropout" | "user_discount" | "diagonal_limit">;

/**
 * B by plain inversion, without its diagonal: each column the ridge regression on all items, moved along
 * its own column of P until the item says no more for itself than it may (Lagrange).
 */
function naive(x: number[][], { lambda, dropout, user_discount, diagonal_limit }: Fit): number[][] {
  const lengths = x.map((row) => row.filter((value) => value !== 0).length);
  const typical = lengths.reduce((product, n) => product * n, 1) ** (1 / x.length);
  const weighed = x.map((row, u) =>
    row.map((value) => value * (lengths[u]! / typical) ** -user_discount),
  );
  const gram = times(transposed(weighed), x);
  const p = inverted(
    gram.map((row, i) =>
      row.map((value, j) =>
        i === j ? value + lambda + (dropout / (1 - dropout)) * gram[i]![i]! : value,
      ),
    ),
  );
  const ridge = times(p, gram);
  return ridge.map((row, i) =>
    row.map((value, j) => {
      const above = Math.max(0, ridge[j]![j]! - diagonal_limit);
      return i === j ? 0 : value - (p[i]![j]! * above) / p[j]![j]!;
    }),
  );
}

describe.each(["primal", "dual"] as const)("ease, %s form", (form) => {
  it("is the closed form", async () => {
    await fc.assert(
      fc.asyncProperty(
        someRows,
        fc.constantFrom(0.5, 20),
        fc.constantFrom(0, 0.5),
        fc.constantFrom(0, 0.35, 1),
        fc.constantFrom(0, 0.02, 0.2, 1),
        async (rows, lambda, dropout, user_discount, diagonal_limit) => {
          const interactions = buildInteractions(rows);
          const x = denseOf(interactions);
          const fit = { lambda, dropout, user_discount, diagonal_limit };
          const b = naive(x, fit);
          const model = await ease.train(interactions, { ...exact, ...fit, form }, { random });
          const user_id = rows[0]!.user_id;
          const own = x[findString(interactions.users, user_id)]!;
          const scores = ease.scoreAll(model, { user: user_id });
          b.forEach((_, j) => {
            const expected = own.reduce((sum, value, i) => sum + value * b[i]![j]!, 0);
            expect(scores[j] || 0).toBeCloseTo(expected, 5);
          });
        },
      ),
      { numRuns: 60 },
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

it.each([{ user_discount: -0.1 }, { user_discount: 1.1 }, { diagonal_limit: 2 }])(
  "refuses what is out of range: %o",
  async (wrong) => {
    const interactions = buildInteractions(tasteRows(5, 5, 0.5, seeded(5)));
    await expect(async () => ease.train(interactions, wrong, { random })).rejects.toMatchObject({
      code: "PARAMETERS_INVALID",
    });
  },
);

it("leaves the history as it was, whoever counts for less", async () => {
  const interactions = buildInteractions(tasteRows(20, 20, 0.3, seeded(6)));
  const before = interactions.matrix.values.slice();
  for (const confidence of ["binary", "weights"] as const) {
    const model = await ease.train(interactions, { confidence, user_discount: 0.5 }, { random });
    expect(model.history.values).toEqual(before);
  }
});

it("an artefact of before both parameters scores as it did", async () => {
  const interactions = buildInteractions(tasteRows(30, 20, 0.3, seeded(7)));
  const strict = { lambda: 5, dropout: 0.5, user_discount: 0, diagonal_limit: 0 };
  const model = await ease.train(interactions, strict, { random });
  const { tensors } = ease.encode(model);
  const hyperparameters = { lambda: 5, dropout: 0.5, form: "dual", storage: "dense" };
  const loaded = ease.decode({ metadata: { kind: "ease", hyperparameters }, tensors });
  expect(ease.scoreAll(loaded, { user: "u3" })).toEqual(ease.scoreAll(model, { user: "u3" }));
});
