import type { ModelTensor } from "@signalpath/contracts";
import { addSquaredRows } from "@signalpath/linalg";

import { CONFIDENCE_RULE, type Confidence } from "../../interactions/binary.ts";
import { createKind, type KindSpec } from "../../kind/create-kind.ts";
import type { Input } from "../../kind/input.ts";
import { tensor, type Tensors } from "../../kind/tensors.ts";
import type { ModelKind } from "../../kind/types.ts";
import {
  contributionsSparse,
  rowSparseCore,
  rowSparseTensors,
  scoreSparse,
  type RowSparseCore,
} from "../row-sparse.ts";
import { estimateEaseBytes } from "./choose.ts";
import { fitEase } from "./fit.ts";

export interface EaseParameters {
  /** Ridge penalty. */
  lambda: number;
  /** Dropout p of EDLAE, 0..0.9: adds p / (1 - p) of the Gram diagonal to it. 0 is plain EASE. */
  dropout: number;
  /**
   * Power 0..1 by which a person with many items counts for less in the fit: n items weigh
   * (n / typical n)^-user_discount, typical = the geometric mean. 0: all rows count alike.
   */
  user_discount: number;
  /**
   * How much of itself an item may explain in the fit, 0..1: 0 is the rule of EASE, 1 leaves it free. The
   * more, the less popular items score, down to 1 - diagonal_limit of what they do with 0. The matrix
   * that is kept has 0 on its diagonal in any case.
   */
  diagonal_limit: number;
  /** Inverse over items, or over users; `auto` takes the cheaper one. They are equal. */
  form: "auto" | "primal" | "dual";
  /** All of the matrix in a byte each, or the largest values of each row. `auto`: by items. */
  storage: "auto" | "dense" | "sparse";
  /** Values kept per row when sparse. */
  neighbours: number;
  confidence: Confidence;
}

/** Item x item matrix, row = seed item. */
export type EaseCore =
  | ({ storage: "sparse" } & RowSparseCore)
  | {
      storage: "dense";
      /** I x I, q of value = q |q| scales[j]. */
      weights: Int8Array;
      scales: Float32Array;
    };

/**
 * EASE (Steck, WWW 2019) with the dropout diagonal of EDLAE (Steck, NeurIPS 2020), the relaxed
 * constraint of RDLAE (Moon, Kim and Lee, SIGIR 2023) and people weighted by how much they have (the
 * user side of DAN: Park, Yoon, Kim and Lee, SIGIR 2025): the item x item matrix that best reproduces
 * every user's items from the others, in closed form. Scores are sums over the input of weight x row.
 */
export const easeSpec: KindSpec<EaseParameters, EaseCore> = {
  name: "ease",
  defaults: {
    lambda: 200,
    dropout: 0.33,
    user_discount: 0.35,
    diagonal_limit: 0.2,
    form: "auto",
    storage: "auto",
    neighbours: 1_000,
    confidence: "binary",
  },
  rules: {
    lambda: { min: 0.01, max: 1e6, log: true },
    dropout: { min: 0, max: 0.9 },
    user_discount: { min: 0, max: 1 },
    diagonal_limit: { min: 0, max: 1 },
    form: { oneOf: ["auto", "primal", "dual"] },
    storage: { oneOf: ["auto", "dense", "sparse"] },
    neighbours: { min: 1, max: 10_000, integer: true, log: true },
    confidence: CONFIDENCE_RULE,
  },
  estimateBytes: estimateEaseBytes,
  fit: fitEase,
  scoreAll: ({ core }, input) =>
    core.storage === "sparse" ? scoreSparse(core, input) : scoreDense(core, input),
  contributions: ({ core }, input, item) =>
    core.storage === "sparse"
      ? contributionsSparse(core, input, item)
      : contributionsDense(core, input, item),
  tensors: easeTensors,
  core: (tensors, { items }) => easeCore(tensors, items),
};

export const ease: ModelKind<EaseParameters, EaseCore> = createKind(easeSpec);

type Dense = EaseCore & { storage: "dense" };

function scoreDense({ weights, scales }: Dense, input: Input): Float64Array {
  const n = scales.length;
  const scores = addSquaredRows({ values: weights, columns: n }, input.rows, input.weights);
  for (let j = 0; j < n; j++) scores[j]! *= scales[j]!;
  return scores;
}

function contributionsDense({ weights, scales }: Dense, input: Input, item: number): Float64Array {
  const n = scales.length;
  return Float64Array.from(input.rows, (row, at) => {
    const q = weights[row * n + item]!;
    return input.weights[at]! * q * Math.abs(q) * scales[item]!;
  });
}

function easeTensors(core: EaseCore): [string, ModelTensor][] {
  if (core.storage === "sparse") return rowSparseTensors(core);
  const n = core.scales.length;
  return [
    ["weights", { shape: [n, n], data: core.weights }],
    ["scales", { shape: [n], data: core.scales }],
  ];
}

function easeCore(tensors: Tensors, items: number): EaseCore {
  if (!tensors.has("weights")) return { storage: "sparse", ...rowSparseCore(tensors, items) };
  return {
    storage: "dense",
    weights: tensor(tensors, "weights", Int8Array, [items, items]),
    scales: tensor(tensors, "scales", Float32Array, [items]),
  };
}
