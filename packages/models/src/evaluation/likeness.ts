import { findString, stringCount } from "@signalpath/contracts";

import { transpose } from "../interactions/transpose.ts";
import type { Interactions } from "../interactions/types.ts";

/**
 * Mean cosine of two items of a list by the people who have them in training, 0..1 (intra-list
 * similarity, Ziegler et al., WWW 2005). 0 for a list of less than two.
 */
export function createLikeness(train: Interactions): (list: readonly string[]) => number {
  const { indptr, indices } = transpose(train.matrix, stringCount(train.items));
  const peopleOf = (item: string) => {
    const row = findString(train.items, item);
    return row < 0 ? new Uint32Array() : indices.subarray(indptr[row], indptr[row + 1]);
  };
  return (list) => {
    const people = list.map(peopleOf);
    let sum = 0;
    let pairs = 0;
    for (let i = 0; i < people.length; i++) {
      for (let j = i + 1; j < people.length; j++) {
        const [a, b] = [people[i]!, people[j]!];
        pairs += 1;
        if (a.length > 0 && b.length > 0) sum += common(a, b) / Math.sqrt(a.length * b.length);
      }
    }
    return pairs === 0 ? 0 : sum / pairs;
  };
}

/** Numbers that both have; ascending. */
function common(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [left, right] = [a[i]!, b[j]!];
    if (left === right) count += 1;
    if (left <= right) i += 1;
    if (right <= left) j += 1;
  }
  return count;
}
