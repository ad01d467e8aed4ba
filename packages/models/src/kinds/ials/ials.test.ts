import { stringCount } from "@signalpath/contracts";
import { describe, expect, it } from "vitest";

import { buildInteractions } from "../../interactions/build.ts";
import { transpose } from "../../interactions/transpose.ts";
import { denseOf, dot, solved } from "../../testing/dense.ts";
import { seeded, tasteRows } from "../../testing/sample.ts";
import { createWorkerPool } from "../../workers/pool.ts";
import { sharedF32 } from "../../workers/shared.ts";
import { solveHalf } from "./fit.ts";
import { ials } from "./ials.ts";

const d = 5;
const weights = { alpha: 0.2, reg: 0.01, nu: 1 };
const rows = tasteRows(25, 18, 0.3, seeded(5)).map((row, at) => ({
  ...row,
  weight: 1 + (at % 3) / 2,
}));
const interactions = buildInteractions(rows);
const x = denseOf(interactions);
const users = stringCount(interactions.users);
const items = stringCount(interactions.items);

const rowOf = (factors: ArrayLike<number>, row: number): number[] =>
  Array.from({ length: d }, (_, p) => factors[row * d + p]!);

/** Ridge of a row with these weights against `others` rows of the other side. */
const ridge = (own: readonly number[], others: number) =>
  weights.reg * (own.reduce((sum, value) => sum + value, 0) + weights.alpha * others) ** weights.nu;

function objective(u: ArrayLike<number>, v: ArrayLike<number>): number {
  let total = 0;
  x.forEach((own, user) => {
    const factor = rowOf(u, user);
    total += ridge(own, items) * dot(factor, factor);
    own.forEach((weight, item) => {
      const score = dot(factor, rowOf(v, item));
      total += weight * (1 - score) ** 2 + weights.alpha * score ** 2;
    });
  });
  for (let item = 0; item < items; item++) {
    const factor = rowOf(v, item);
    total +=
      ridge(
        x.map((own) => own[item]!),
        users,
      ) * dot(factor, factor);
  }
  return total;
}

describe("ials", () => {
  it("solves each half exactly, so the objective never rises", async () => {
    const pool = createWorkerPool(0);
    const random = seeded(6);
    const u = sharedF32(users * d).map(() => random() - 0.5);
    const v = sharedF32(items * d).map(() => random() - 0.5);
    const turned = transpose(interactions.matrix, items);
    const common = { weights, factors: d, signal: undefined };
    let before = objective(u, v);
    for (let epoch = 0; epoch < 6; epoch++) {
      await solveHalf(pool, { matrix: interactions.matrix, other: v, out: u, ...common });
      const between = objective(u, v);
      expect(between).toBeLessThanOrEqual(before * (1 + 1e-6));
      await solveHalf(pool, { matrix: turned, other: u, out: v, ...common });
      const after = objective(u, v);
      expect(after).toBeLessThanOrEqual(between * (1 + 1e-6));
      if (epoch === 0) expect(after).toBeLessThan(before * 0.9);
      before = after;
    }
  });

  it("equals a plain solver of each user's equations", async () => {
    const model = await ials.train(
      interactions,
      { ...weights, factors: d, epochs: 2, confidence: "weights" },
      { random: seeded(7) },
    );
    const v = model.core.itemFactors;
    x.forEach((own, user) => {
      const system = Array.from({ length: d }, (_, p) =>
        Array.from({ length: d }, (_, q) => {
          let sum = p === q ? ridge(own, items) : 0;
          own.forEach((weight, item) => {
            sum += (weight + weights.alpha) * v[item * d + p]! * v[item * d + q]!;
          });
          return sum;
        }),
      );
      const side = Array.from({ length: d }, (_, p) =>
        own.reduce((sum, weight, item) => sum + weight * v[item * d + p]!, 0),
      );
      const expected = solved(system, side);
      rowOf(model.core.userFactors, user).forEach((value, p) =>
        expect(value).toBeCloseTo(expected[p]!, 4),
      );
    });
  });

  it("folds in seeds as it folds in a user with the same items", async () => {
    const model = await ials.train(
      interactions,
      { ...weights, factors: d, confidence: "weights" },
      { random: seeded(8) },
    );
    const own = rows.filter((row) => row.user_id === "u3");
    const query = {
      seedItems: own.map((row) => row.item_id),
      weights: own.map((row) => row.weight),
    };
    const known = ials.scoreAll(model, { user: "u3" });
    ials.scoreAll(model, query).forEach((score, i) => expect(score).toBeCloseTo(known[i]!, 5));
    const { base, contributions } = ials.explain(model, query, "i0");
    // Scores are sums in float32.
    expect(base).toBeCloseTo(0, 6);
    expect(contributions).toHaveLength(own.length);
  });

  it("W is near the exact fold-in: it ranks much alike", async () => {
    const model = await ials.train(interactions, { ...weights, factors: d }, { random: seeded(9) });
    const { itemFactors, userFactors, foldIn } = model.core;
    let close = 0;
    x.forEach((own, user) => {
      const sum = Array.from({ length: d }, (_, p) =>
        own.reduce((total, weight, item) => total + weight * itemFactors[item * d + p]!, 0),
      );
      const near = Array.from({ length: d }, (_, p) => dot(rowOf(foldIn, p), sum));
      const exact = rowOf(userFactors, user);
      close += dot(near, exact) / Math.sqrt(dot(near, near) * dot(exact, exact)) / users;
    });
    expect(close).toBeGreaterThan(0.95);
  });

  it("relates items of one taste", async () => {
    const model = await ials.train(
      buildInteractions(tasteRows(80, 40, 0.25, seeded(10))),
      { ...weights, factors: 8 },
      { random: seeded(10) },
    );
    const alike = ials.related(model, ["i2"], { k: 5 }).map((one) => Number(one.item_id.slice(1)));
    expect(alike.filter((item) => item % 4 === 2).length).toBeGreaterThanOrEqual(3);
  });
});
