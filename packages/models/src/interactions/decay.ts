import { ModelError } from "../errors.ts";
import { sharedF32 } from "../workers/shared.ts";
import type { Interactions } from "./types.ts";

export interface DecayOptions {
  /** A user's weights halve every so many newer items of the same user. */
  half_life_items?: number;
  /** Weights halve every so many days before `as_of`. */
  half_life_days?: number;
  /** Milliseconds since 1970; the latest time of all unless told. */
  as_of?: number;
  /** What the halving by items never goes below, 0..1. */
  floor?: number;
}

/** Smallest weight that decay leaves: no entry vanishes. */
const LEAST = 2 ** -60;

/**
 * The same entries with weights that fade with age:
 * `w * (floor + (1 - floor) 2^(-newer items / half_life_items)) * 2^(-age / half_life_days)`.
 * Of one user's items of the same time the one with the larger id counts as newer. Throws
 * INTERACTIONS_INVALID without times, PARAMETERS_INVALID for a half-life that is not above 0 or a
 * floor outside 0..1.
 */
export function decayInteractions(interactions: Interactions, options: DecayOptions): Interactions {
  const { times, matrix } = interactions;
  const { half_life_items, half_life_days, floor = 0.08 } = options;
  if (times === undefined) throw new ModelError("INTERACTIONS_INVALID", "decay needs times");
  for (const halfLife of [half_life_items ?? 1, half_life_days ?? 1]) {
    if (!(halfLife > 0)) throw new ModelError("PARAMETERS_INVALID", "half-lives are above 0");
  }
  if (!(floor >= 0 && floor <= 1)) throw new ModelError("PARAMETERS_INVALID", "floor is 0..1");
  const asOf = options.as_of ?? times.reduce((latest, time) => Math.max(latest, time), -Infinity);
  const values = sharedF32(matrix.values.length);
  for (let user = 0; user + 1 < matrix.indptr.length; user++) {
    const begin = matrix.indptr[user]!;
    const own = Array.from({ length: matrix.indptr[user + 1]! - begin }, (_, at) => begin + at);
    own.sort((a, b) => times[b]! - times[a]! || b - a);
    own.forEach((at, newer) => {
      let factor = 1;
      if (half_life_items !== undefined) {
        factor *= floor + (1 - floor) * 2 ** (-newer / half_life_items);
      }
      if (half_life_days !== undefined) {
        factor *= 2 ** (-Math.max(0, asOf - times[at]!) / (half_life_days * 86_400_000));
      }
      values[at] = Math.max(matrix.values[at]! * factor, LEAST);
    });
  }
  return { ...interactions, matrix: { ...matrix, values } };
}
