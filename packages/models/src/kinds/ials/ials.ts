import type { ModelTensor } from "@signalpath/contracts";
import { choleskyFactor, ridgeSystem, scan, type CholeskyFactor } from "@signalpath/linalg";

import { asModelError } from "../../errors.ts";
import { CONFIDENCE_RULE, type Confidence } from "../../interactions/binary.ts";
import { createKind, type KindSpec } from "../../kind/create-kind.ts";
import type { Input } from "../../kind/input.ts";
import { invalidTensors, tensor, type Tensors } from "../../kind/tensors.ts";
import type { Model, ModelKind, TrainSize } from "../../kind/types.ts";
import { fitIals } from "./fit.ts";
import { systemsOf } from "./systems.ts";

export interface IalsParameters {
  /** Length d of a factor. */
  factors: number;
  /** Ridge penalty, scaled by how often a row occurs. */
  reg: number;
  /** Weight of every pair of user and item, against 1 of an observed one. */
  alpha: number;
  /** Power of that scaling: 1 full, 0 none. */
  nu: number;
  epochs: number;
  /** Standard deviation of a starting factor's length. */
  init_std: number;
  confidence: Confidence;
}

export interface IalsCore {
  factors: number;
  /** I x d */
  itemFactors: Float32Array;
  /** U x d, or empty: then users are folded in from their history. */
  userFactors: Float32Array;
  /** d x d */
  gram: Float64Array;
  /** d x d: W of `W * sum(weight x item factor)`. */
  foldIn: Float32Array;
}

/**
 * Implicit alternating least squares with frequency-scaled regularisation (Rendle et al., "Revisiting
 * the performance of iALS on item recommendation benchmarks", RecSys 2022). Seeds are folded in by one
 * exact solve; `related` is the cosine to the weighted sum of the seeds' factors.
 */
export const ialsSpec: KindSpec<IalsParameters, IalsCore> = {
  name: "ials",
  defaults: {
    factors: 64,
    reg: 0.007,
    alpha: 0.3,
    nu: 1,
    epochs: 10,
    init_std: 0.1,
    confidence: "binary",
  },
  rules: {
    factors: { min: 1, max: 512, integer: true, log: true },
    reg: { min: 1e-6, max: 100, log: true },
    alpha: { min: 1e-6, max: 100, log: true },
    nu: { min: 0, max: 2 },
    epochs: { min: 1, max: 100, integer: true },
    init_std: { min: 1e-6, max: 10, log: true },
    confidence: CONFIDENCE_RULE,
  },
  estimateBytes: ({ users, items, entries }: TrainSize, { factors }) =>
    (users + items) * factors * 4 + factors ** 2 * 64 + entries * 12,
  fit: fitIals,
  scoreAll: (model, input) => timesItems(model.core, userFactor(model, input)),
  relateAll: ({ core }, input) => cosines(core, input),
  contributions,
  tensors: ialsTensors,
  core: ialsCore,
};

export const ials: ModelKind<IalsParameters, IalsCore> = createKind(ialsSpec);

/** Factored system of whoever has this input; in float64, so that shares sum to the score. */
function systemOf(
  { core, hyperparameters }: Model<IalsCore>,
  { rows, weights }: Input,
): CholeskyFactor {
  const { factors: d, itemFactors: vectors, gram } = core;
  const matrix = { indptr: Uint32Array.of(0, rows.length), indices: rows, values: weights };
  const others = vectors.length / d;
  const systems = systemsOf(matrix, { ...(hyperparameters as IalsParameters), gram, others });
  try {
    return choleskyFactor(ridgeSystem({ matrix, vectors, d, ...systems }, 0), d);
  } catch (error) {
    throw asModelError(error);
  }
}

function userFactor(model: Model<IalsCore>, input: Input): ArrayLike<number> {
  const { factors: d, userFactors, itemFactors } = model.core;
  if (input.user !== undefined && userFactors.length > 0) {
    return userFactors.subarray(input.user * d, (input.user + 1) * d);
  }
  const side = weightedSum(itemFactors, d, input);
  systemOf(model, input).solve(side);
  return side;
}

function weightedSum(vectors: Float32Array, d: number, { rows, weights }: Input): Float64Array {
  const sum = new Float64Array(d);
  rows.forEach((row, at) => {
    for (let p = 0; p < d; p++) sum[p]! += weights[at]! * vectors[row * d + p]!;
  });
  return sum;
}

const timesItems = ({ itemFactors }: IalsCore, factor: ArrayLike<number>): Float64Array =>
  Float64Array.from(scan(itemFactors, factor));

/** NaN for a factor of length 0, which is like nothing. */
function cosines(core: IalsCore, input: Input): Float64Array {
  const { factors: d, itemFactors } = core;
  const centre = weightedSum(itemFactors, d, input);
  const length = Math.hypot(...centre);
  return timesItems(core, centre).map(
    (dot, i) => dot / (length * Math.hypot(...itemFactors.subarray(i * d, (i + 1) * d))),
  );
}

/**
 * The factor of a user is a sum over the input (Hu, Koren and Volinsky, ICDM 2008, section 5), so the
 * score is one too: entry i gives w_i v_i' A^-1 v_j.
 */
function contributions(model: Model<IalsCore>, input: Input, item: number): Float64Array {
  const { factors: d, itemFactors } = model.core;
  const direction = Float64Array.from(itemFactors.subarray(item * d, (item + 1) * d));
  systemOf(model, input).solve(direction);
  return Float64Array.from(input.rows, (row, at) => {
    let sum = 0;
    for (let p = 0; p < d; p++) sum += direction[p]! * itemFactors[row * d + p]!;
    return input.weights[at]! * sum;
  });
}

function ialsTensors(core: IalsCore): [string, ModelTensor][] {
  const { factors: d, itemFactors, userFactors, gram, foldIn } = core;
  return [
    ["item_factors", { shape: [itemFactors.length / d, d], data: itemFactors }],
    ["user_factors", { shape: [userFactors.length / d, d], data: userFactors }],
    ["gram", { shape: [d, d], data: gram }],
    ["fold_in", { shape: [d, d], data: foldIn }],
  ];
}

function ialsCore(tensors: Tensors, { users, items }: { users: number; items: number }): IalsCore {
  const itemFactors = tensor(tensors, "item_factors", Float32Array, [items, undefined]);
  const factors = tensors.get("item_factors")?.shape[1] ?? 0;
  if (factors === 0) throw invalidTensors("item_factors have no columns");
  const userFactors = tensor(tensors, "user_factors", Float32Array, [undefined, factors]);
  if (userFactors.length !== 0 && userFactors.length !== users * factors) {
    throw invalidTensors("user_factors are for all users or for none");
  }
  return {
    factors,
    itemFactors,
    userFactors,
    gram: tensor(tensors, "gram", Float64Array, [factors, factors]),
    foldIn: tensor(tensors, "fold_in", Float32Array, [factors, factors]),
  };
}
