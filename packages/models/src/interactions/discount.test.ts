import { expect, it } from "vitest";

import { buildInteractions } from "./build.ts";
import { discountUsers } from "./discount.ts";

const rows = (user_id: string, count: number) =>
  Array.from({ length: count }, (_, item) => ({ user_id, item_id: `i${item}`, weight: 3 }));
const { matrix } = buildInteractions([...rows("a", 1), ...rows("b", 4), ...rows("c", 16)]);
const factors = (power: number) => {
  const { indptr, values } = discountUsers(matrix, power);
  return [0, 1, 2].map((user) => (values[indptr[user]!]! / 3) ** 2);
};

it("weighs a row by how many entries it has, a typical one as it is", () => {
  const [few, typical, many] = factors(0.5);
  expect(few).toBeCloseTo(2, 5);
  expect(typical).toBeCloseTo(1, 5);
  expect(many).toBeCloseTo(0.5, 5);
  // With 1 everybody has the same sum.
  expect(factors(1).map((factor, user) => factor * [1, 4, 16][user]!)).toEqual([
    expect.closeTo(4, 5),
    expect.closeTo(4, 5),
    expect.closeTo(4, 5),
  ]);
});

it("gives everything back without a power, and never changes what it is given", () => {
  const before = matrix.values.slice();
  expect(discountUsers(matrix, 0)).toBe(matrix);
  discountUsers(matrix, 0.7);
  expect(matrix.values).toEqual(before);
});

it("a row without entries changes nothing for the others", () => {
  const rows = { indptr: Uint32Array.of(0, 1, 1, 5), indices: Uint32Array.of(0, 0, 1, 2, 3) };
  const values = new Float32Array(5).fill(1);
  const filled = discountUsers({ ...rows, indptr: Uint32Array.of(0, 1, 5), values }, 0.5);
  expect(discountUsers({ ...rows, values }, 0.5).values).toEqual(filled.values);
});
