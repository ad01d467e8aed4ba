import { stringCount } from "@signalpath/contracts";

import { CONFIDENCE_RULE, fittingMatrix, type Confidence } from "../../interactions/binary.ts";
import { transpose } from "../../interactions/transpose.ts";
import type { Interactions } from "../../interactions/types.ts";
import { createKind, type FitContext } from "../../kind/create-kind.ts";
import type { ModelKind } from "../../kind/types.ts";
import { sharedF64 } from "../../workers/shared.ts";
import {
  contributionsSparse,
  joinPieces,
  rowSparseCore,
  rowSparseTensors,
  scoreSparse,
  type RowSparseCore,
} from "../row-sparse.ts";

export interface ItemKnnParameters {
  /** Seeds that vote for an item: its most similar ones. */
  neighbours: number;
  /** Added to the denominator: few common users prove little. */
  shrink: number;
  confidence: Confidence;
}

/**
 * Item-based nearest neighbours, cosine with shrinkage (Dacrema et al., TOIS 2021, section 3; shrink
 * after Bell and Koren, ICDM 2007): `score(j) = sum over the input of weight x sim(i, j)`, over the
 * `neighbours` items i most similar to j.
 */
export const itemKnn: ModelKind<ItemKnnParameters, RowSparseCore> = createKind({
  name: "item-knn",
  defaults: { neighbours: 100, shrink: 20, confidence: "binary" },
  rules: {
    neighbours: { min: 1, max: 2_000, integer: true, log: true },
    shrink: { min: 0, max: 10_000 },
    confidence: CONFIDENCE_RULE,
  },
  estimateBytes: ({ items, entries }, { neighbours }) =>
    entries * 16 + items * 8 + items * Math.min(items, neighbours) * 32,
  fit,
  scoreAll: ({ core }, input) => scoreSparse(core, input),
  contributions: ({ core }, input, item) => contributionsSparse(core, input, item),
  tensors: rowSparseTensors,
  core: (tensors, { items }) => rowSparseCore(tensors, items),
});

async function fit(
  interactions: Interactions,
  { neighbours, shrink, confidence }: ItemKnnParameters,
  { pool, signal, stage }: FitContext,
): Promise<RowSparseCore> {
  const items = stringCount(interactions.items);
  const matrix = fittingMatrix(interactions, confidence);
  const turned = transpose(matrix, items);
  const norms = sharedF64(items);
  for (let i = 0; i < items; i++) {
    let sum = 0;
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      sum += turned.values[at]! ** 2;
    }
    norms[i] = Math.sqrt(sum);
  }
  const args = { matrix, turned, norms, shrink, keep: neighbours };
  const onFraction = stage("similarities");
  const pieces = await pool.run("cosineRows", args, items, { chunk: 64, signal, onFraction });
  // A list names the voters of one item; a row of the model is what one seed votes for.
  return { neighbours: transpose(joinPieces(pieces), items) };
}
