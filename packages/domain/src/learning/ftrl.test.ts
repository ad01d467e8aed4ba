import { expect, it } from "vitest";

import { seededRandom } from "./explore.ts";
import { FTRL_DEFAULTS, scoreLogistic, sigmoid, trainFtrl } from "./ftrl.ts";

function examples(n: number) {
  const random = seededRandom("examples");
  return Array.from({ length: n }, () => {
    const x = [random(), random(), random()];
    return { x, label: random() < sigmoid(3 * x[0]! - 2 * x[1]! - 0.5) };
  });
}

it("finds the weights that examples were made with, and says how probable a success is", () => {
  const model = trainFtrl(examples(40_000), 3);
  const [a, b, c] = model.weights;
  expect(Math.abs(a! - 3)).toBeLessThan(0.6);
  expect(Math.abs(b! + 2)).toBeLessThan(0.6);
  expect(Math.abs(c!)).toBeLessThan(0.3);
  expect(scoreLogistic(model, [1, 0, 0])).toBeGreaterThan(0.85);
  expect(scoreLogistic(model, [0, 1, 0])).toBeLessThan(0.15);
});

it("with l1 leaves out what says nothing", () => {
  const { weights } = trainFtrl(examples(4_000), 3, { ...FTRL_DEFAULTS, l1: 30 });
  expect(weights[2]).toBe(0);
  expect(weights[0]).not.toBe(0);
});

it("of no examples knows nothing", () => {
  expect(scoreLogistic(trainFtrl([], 3), [1, 1, 1])).toBe(0.5);
});
