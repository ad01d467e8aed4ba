import { expect, it } from "vitest";

import { buildInteractions } from "../interactions/build.ts";
import { seeded, tasteRows } from "../testing/sample.ts";
import { validationFolds } from "./folds.ts";
import { search, sharesOf } from "./search.ts";

it("asks fewer people first where there are many", () => {
  expect(sharesOf(1_000)).toEqual([1]);
  expect(sharesOf(100_000)).toEqual([1 / 3, 1]);
  expect(sharesOf(10_000_000)).toEqual([1 / 9, 1 / 3, 1]);
});

it("of several validation parts the mean counts", async () => {
  const data = buildInteractions(tasteRows(40, 30, 0.3, seeded(8)));
  const folds = validationFolds(data, { scheme: "random", seed: 2, count: 3 });
  const candidates = [{ kind: "item-knn", parameters: { half_life_items: 0 } }];
  const options = { seed: 1, threads: 1, memoryLimitBytes: 2 ** 30, tune: null, known: {} };
  const hooks = { onScore: () => {}, log: () => {}, now: () => 0 };
  const scoreOn = async (validation: Parameters<typeof search>[1]) => {
    const { report } = await search(candidates, validation, options, hooks);
    return { score: report.trials[0]!["ndcg@20"], parts: report.folds };
  };
  const alone = await Promise.all(folds.map(scoreOn));
  expect(new Set(alone.map(({ score }) => score)).size).toBe(3);
  const { score, parts } = await scoreOn(folds);
  expect(score).toBeCloseTo(alone.reduce((sum, one) => sum + one.score, 0) / 3, 5);
  expect(parts).toBe(3);
});
