import { stringCount } from "@signalpath/contracts";

import { CONFIDENCE_RULE, fittingMatrix, type Confidence } from "../../interactions/binary.ts";
import { transpose } from "../../interactions/transpose.ts";
import type { Interactions, SparseRows } from "../../interactions/types.ts";
import { createKind, type FitContext } from "../../kind/create-kind.ts";
import type { ModelKind } from "../../kind/types.ts";
import { sharedF32, sharedF64 } from "../../workers/shared.ts";
import {
  contributionsSparse,
  joinPieces,
  rowSparseCore,
  rowSparseTensors,
  scoreSparse,
  type RowSparseCore,
} from "../row-sparse.ts";

export interface Rp3betaParameters {
  /** Power of the probability of each step. */
  alpha: number;
  /** Power of the popularity an item's probability is divided by. */
  beta: number;
  /** Items kept per seed. */
  neighbours: number;
  confidence: Confidence;
}

/**
 * Random walk of length 3, user -> item -> user -> item, with penalised popularity (Paudel et al.,
 * "Updatable, accurate, diverse, and scalable recommendations for interactive applications", TiiS
 * 2017): from seed i to item j `sum_u (w_ui / |i|)^alpha (w_uj / |u|)^alpha / |j|^beta`, |.| sums of
 * weights.
 */
export const rp3beta: ModelKind<Rp3betaParameters, RowSparseCore> = createKind({
  name: "rp3beta",
  defaults: { alpha: 0.8, beta: 0.3, neighbours: 200, confidence: "binary" },
  rules: {
    alpha: { min: 0, max: 3 },
    beta: { min: 0, max: 2 },
    neighbours: { min: 1, max: 2_000, integer: true, log: true },
    confidence: CONFIDENCE_RULE,
  },
  estimateBytes: ({ items, entries }, { neighbours }) =>
    entries * 24 + items * 8 + items * Math.min(items, neighbours) * 32,
  fit,
  scoreAll: ({ core }, input) => scoreSparse(core, input),
  contributions: ({ core }, input, item) => contributionsSparse(core, input, item),
  tensors: rowSparseTensors,
  core: (tensors, { items }) => rowSparseCore(tensors, items),
});

async function fit(
  interactions: Interactions,
  { alpha, beta, neighbours, confidence }: Rp3betaParameters,
  { pool, signal, stage }: FitContext,
): Promise<RowSparseCore> {
  const items = stringCount(interactions.items);
  const matrix = fittingMatrix(interactions, confidence);
  const turned = transpose(matrix, items);
  const penalty = sharedF64(items);
  for (let i = 0; i < items; i++) penalty[i] = rowSum(turned, i) ** beta;
  const args = {
    toItem: stepsOf(matrix, alpha),
    toUser: stepsOf(turned, alpha),
    penalty,
    keep: neighbours,
  };
  const onFraction = stage("walks");
  const pieces = await pool.run("walkRows", args, items, { chunk: 64, signal, onFraction });
  return { neighbours: joinPieces(pieces) };
}

function rowSum({ indptr, values }: SparseRows, row: number): number {
  let sum = 0;
  for (let at = indptr[row]!; at < indptr[row + 1]!; at++) sum += values[at]!;
  return sum;
}

/** Rows that sum to 1, each value then raised to the power. */
function stepsOf(matrix: SparseRows, power: number): SparseRows {
  const values = sharedF32(matrix.values.length);
  for (let row = 0; row + 1 < matrix.indptr.length; row++) {
    const sum = rowSum(matrix, row);
    for (let at = matrix.indptr[row]!; at < matrix.indptr[row + 1]!; at++) {
      values[at] = (matrix.values[at]! / sum) ** power;
    }
  }
  return { ...matrix, values };
}
