import { stringCount } from "@signalpath/contracts";
import { spdInverseSmall, transpose } from "@signalpath/linalg";

import { fittingMatrix } from "../../interactions/binary.ts";
import type { Interactions, SparseRows } from "../../interactions/types.ts";
import type { FitContext } from "../../kind/create-kind.ts";
import type { WorkerPool } from "../../workers/pool.ts";
import { sharedF32, sharedF64 } from "../../workers/shared.ts";
import type { IalsCore, IalsParameters } from "./ials.ts";
import { systemsOf, type AlsWeights } from "./systems.ts";

const CHUNK = 128;

/**
 * Alternates between users and items, each half solved exactly, so no half raises the objective.
 * At the end users are solved once more from the weights of the history.
 */
export async function fitIals(
  interactions: Interactions,
  parameters: IalsParameters,
  context: FitContext,
): Promise<IalsCore> {
  const { factors: d, epochs } = parameters;
  const { signal, random, pool } = context;
  const users = stringCount(interactions.users);
  const items = stringCount(interactions.items);
  const matrix = fittingMatrix(interactions, parameters.confidence);
  const turned = transpose(matrix, items);
  const userFactors = normal(random, users * d, parameters.init_std / Math.sqrt(d));
  const itemFactors = normal(random, items * d, parameters.init_std / Math.sqrt(d));
  const onFraction = context.stage("epochs");
  const half = (rows: SparseRows, other: Float32Array, out: Float32Array) =>
    solveHalf(pool, { matrix: rows, other, out, weights: parameters, factors: d, signal });
  for (let epoch = 0; epoch < epochs; epoch++) {
    await half(matrix, itemFactors, userFactors);
    await half(turned, userFactors, itemFactors);
    onFraction((epoch + 1) / epochs);
  }
  const gram = await half(interactions.matrix, itemFactors, userFactors);
  return {
    factors: d,
    itemFactors,
    userFactors,
    gram,
    foldIn: sharedPrecision(turned, { itemFactors, gram, users, weights: parameters, d }),
  };
}

interface Half {
  matrix: SparseRows;
  other: Float32Array;
  out: Float32Array;
  weights: AlsWeights;
  factors: number;
  signal: AbortSignal | undefined;
}

/** One half of an epoch; answers the Gram matrix of the side that stood still. */
export async function solveHalf(pool: WorkerPool, half: Half): Promise<Float64Array> {
  const { matrix, other, out, factors: d, signal } = half;
  const others = other.length / d;
  const gram = sharedF64(d * d);
  await pool.run("factorGramRows", { factors: other, rows: others, d, out: gram }, d, {
    chunk: Math.ceil(d / 4),
    signal,
  });
  const systems = systemsOf(matrix, { ...half.weights, gram, others });
  const args = { matrix, vectors: other, d, out, ...systems };
  await pool.run("ridgeRows", args, matrix.indptr.length - 1, { chunk: CHUNK, signal });
  return gram;
}

/** Normal numbers (Box and Muller 1958), two of each pair of uniform ones. */
function normal(random: () => number, length: number, deviation: number): Float32Array {
  const values = sharedF32(length);
  for (let at = 0; at < length; at += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    values[at] = radius * Math.cos(angle);
    if (at + 1 < length) values[at + 1] = radius * Math.sin(angle);
  }
  return values;
}

/**
 * W: inverse of the mean over users of the matrix each is solved with, so that `W sum(w v)` is close
 * to the exact factor of anyone at the cost of one product.
 */
function sharedPrecision(
  turned: SparseRows,
  {
    itemFactors,
    gram,
    users,
    weights: { alpha, reg, nu },
    d,
  }: {
    itemFactors: Float32Array;
    gram: Float64Array;
    users: number;
    weights: AlsWeights;
    d: number;
  },
): Float32Array {
  const items = turned.indptr.length - 1;
  const system = Float64Array.from(gram, (value) => alpha * value);
  let all = 0;
  for (let i = 0; i < items; i++) {
    let total = 0;
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) total += turned.values[at]!;
    all += total;
    for (let p = 0; p < d; p++) {
      const left = (total / users) * itemFactors[i * d + p]!;
      for (let q = p; q < d; q++) system[p * d + q]! += left * itemFactors[i * d + q]!;
    }
  }
  const ridge = reg * (all / users + alpha * items) ** nu;
  for (let p = 0; p < d; p++) system[p * d + p]! += ridge;
  return Float32Array.from(spdInverseSmall(system, d));
}
