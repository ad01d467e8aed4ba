import { sharedF32 } from "../workers/shared.ts";
import type { SparseRows } from "./types.ts";

/**
 * Rows by how much they say of what goes with what: a user of n entries counts
 * `(n / typical n)^-power` times in sums over users, typical n being the geometric mean, so that a
 * typical user counts once whatever the power. Those with very many entries have most pairs of items, and
 * the least taste in each. Values are multiplied by the square root, since sums are over products of two.
 * @param matrix users x items; rows without entries count for nothing.
 * @param power 0..1; 0 is the matrix itself.
 */
export function discountUsers(matrix: SparseRows, power: number): SparseRows {
  if (power === 0) return matrix;
  const { indptr } = matrix;
  const users = indptr.length - 1;
  let logarithms = 0;
  let filled = 0;
  for (let user = 0; user < users; user++) {
    const entries = indptr[user + 1]! - indptr[user]!;
    if (entries === 0) continue;
    logarithms += Math.log(entries);
    filled++;
  }
  const typical = Math.exp(logarithms / filled);
  const values = sharedF32(matrix.values.length);
  for (let user = 0; user < users; user++) {
    const [begin, end] = [indptr[user]!, indptr[user + 1]!];
    const factor = ((end - begin) / typical) ** (-power / 2);
    for (let at = begin; at < end; at++) values[at] = matrix.values[at]! * factor;
  }
  return { ...matrix, values };
}
