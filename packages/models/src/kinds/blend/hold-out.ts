import { sharedF32, sharedU32 } from "../../workers/shared.ts";
import type { Interactions } from "../../interactions/types.ts";

export interface HeldOut {
  /** The same users and items with fewer entries. */
  train: Interactions;
  /** Rows of the items held out of each user, ascending by user; may be empty. */
  held: Uint32Array[];
}

/**
 * Holds back floor(n / 5) entries of each user: the latest where there are times (ties: the larger
 * id), else any by `random`.
 */
export function holdOut(interactions: Interactions, random: () => number): HeldOut {
  const { matrix, times } = interactions;
  const isHeld = new Uint8Array(matrix.indices.length);
  const held: Uint32Array[] = [];
  let kept = matrix.indices.length;
  for (let user = 0; user + 1 < matrix.indptr.length; user++) {
    const begin = matrix.indptr[user]!;
    const own = Array.from({ length: matrix.indptr[user + 1]! - begin }, (_, at) => begin + at);
    const age = own.map((at) => (times === undefined ? random() : -times[at]!));
    own.sort((a, b) => age[a - begin]! - age[b - begin]! || b - a);
    const test = own.slice(0, Math.floor(own.length / 5));
    for (const at of test) isHeld[at] = 1;
    held.push(Uint32Array.from(test, (at) => matrix.indices[at]!));
    kept -= test.length;
  }
  const train = {
    indptr: sharedU32(matrix.indptr.length),
    indices: sharedU32(kept),
    values: sharedF32(kept),
  };
  let to = 0;
  for (let user = 0; user + 1 < matrix.indptr.length; user++) {
    for (let at = matrix.indptr[user]!; at < matrix.indptr[user + 1]!; at++) {
      if (isHeld[at] !== 0) continue;
      train.indices[to] = matrix.indices[at]!;
      train.values[to++] = matrix.values[at]!;
    }
    train.indptr[user + 1] = to;
  }
  const { users, items, rows } = interactions;
  return { train: { users, items, matrix: train, rows }, held };
}
