import { createKind, type FitContext } from "../../kind/create-kind.ts";
import { tensor } from "../../kind/tensors.ts";
import type { ModelKind } from "../../kind/types.ts";
import type { Interactions } from "../../interactions/types.ts";

export interface PopularParameters {
  /** Days until an interaction counts half, from the latest of all; 0: all count the same. */
  half_life_days: number;
}

export interface PopularCore {
  /** One an item, 0 or more. */
  popularity: Float32Array;
}

/**
 * Decayed counts: sum of weights, each halved every `half_life_days`. The same list for everybody but
 * for what they have; seeds may be empty or unknown, `related` is that list without the seeds.
 */
export const popular: ModelKind<PopularParameters, PopularCore> = createKind({
  name: "popular",
  defaults: { half_life_days: 0 },
  rules: { half_life_days: { min: 0, max: 36_500 } },
  needsNoInput: true,
  estimateBytes: ({ items }) => items * 12,
  fit,
  scoreAll: ({ core }) => Float64Array.from(core.popularity),
  contributions: (_model, input) => new Float64Array(input.rows.length),
  tensors: ({ popularity }) => [["popularity", { shape: [popularity.length], data: popularity }]],
  core: (tensors, { items }) => ({
    popularity: tensor(tensors, "popularity", Float32Array, [items]),
  }),
});

async function fit(
  { matrix, items, times }: Interactions,
  { half_life_days }: PopularParameters,
  { stage }: FitContext,
): Promise<PopularCore> {
  const sums = new Float64Array(items.offsets.length - 1);
  const latest = times?.reduce((max, time) => Math.max(max, time), Number.NEGATIVE_INFINITY) ?? 0;
  const halfLife = half_life_days * 86_400_000;
  for (let at = 0; at < matrix.indices.length; at++) {
    const age = times === undefined ? 0 : latest - times[at]!;
    const factor = half_life_days === 0 ? 1 : 2 ** (-age / halfLife);
    sums[matrix.indices[at]!]! += matrix.values[at]! * factor;
  }
  stage("count")(1);
  return { popularity: Float32Array.from(sums) };
}
