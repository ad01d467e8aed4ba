import { stringCount } from "@signalpath/contracts";
import { gram, spdInverse, transpose, type SparseRows } from "@signalpath/linalg";

import { ModelError } from "../../errors.ts";
import { fittingMatrix } from "../../interactions/binary.ts";
import type { Interactions } from "../../interactions/types.ts";
import type { FitContext } from "../../kind/create-kind.ts";
import { sharedF32, sharedF64, sharedI8 } from "../../workers/shared.ts";
import { joinPieces } from "../row-sparse.ts";
import { chooseForm, chooseStorage } from "./choose.ts";
import type { EaseCore, EaseParameters } from "./ease.ts";
import type { EaseSource } from "./row.ts";

interface Data {
  matrix: SparseRows;
  turned: SparseRows;
  users: number;
  items: number;
  /** L = lambda + p / (1 - p) diag(X'X). */
  penalty: Float64Array;
  /** diag(X'X). */
  squares: Float64Array;
}

/** B by the form that costs less, then cut or quantised to what the model stores. */
export async function fitEase(
  interactions: Interactions,
  parameters: EaseParameters,
  context: FitContext,
): Promise<EaseCore> {
  const data = prepare(interactions, parameters);
  const size = {
    users: data.users,
    items: data.items,
    entries: data.matrix.indices.length,
  };
  const source =
    chooseForm(size, parameters) === "primal"
      ? await primal(data, context)
      : await dual(data, context);
  if (!source.diagonal.every((value) => value > 0)) {
    throw new ModelError("NOT_POSITIVE_DEFINITE", "lambda is too small for these weights");
  }
  return chooseStorage(size, parameters) === "sparse"
    ? takeSparse(source, parameters.neighbours, context)
    : takeDense(source, context);
}

function prepare(interactions: Interactions, parameters: EaseParameters): Data {
  const items = stringCount(interactions.items);
  const matrix = fittingMatrix(interactions, parameters.confidence);
  const turned = transpose(matrix, items);
  const penalty = sharedF64(items);
  const squares = new Float64Array(items);
  const ratio = parameters.dropout / (1 - parameters.dropout);
  for (let i = 0; i < items; i++) {
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      squares[i]! += turned.values[at]! ** 2;
    }
    penalty[i] = parameters.lambda + ratio * squares[i]!;
  }
  return { matrix, turned, users: stringCount(interactions.users), items, penalty, squares };
}

async function primal(data: Data, { pool, signal, stage }: FitContext): Promise<EaseSource> {
  const { matrix, turned, items: n, penalty } = data;
  const of = { matrix, turned, columns: n };
  const inverse = await gram(pool, of, { signal, onFraction: stage("gram") });
  for (let i = 0; i < n; i++) inverse[i * n + i]! += penalty[i]!;
  await spdInverse(pool, inverse, n, { signal, onFraction: stage("inverse") });
  const diagonal = sharedF64(n);
  for (let i = 0; i < n; i++) diagonal[i] = inverse[i * n + i]!;
  return { form: "primal", inverse, diagonal };
}

async function dual(data: Data, { pool, signal, stage }: FitContext): Promise<EaseSource> {
  const { matrix, turned, users, items, penalty } = data;
  const run = { chunk: 16, signal };
  const kernel = sharedF64(users * users);
  const args = { matrix, turned, penalty, users };
  await pool.run("dualRows", { ...args, out: kernel }, users, {
    ...run,
    onFraction: stage("gram"),
  });
  await spdInverse(pool, kernel, users, { signal, onFraction: stage("inverse") });
  const smoothed = sharedF32(users * items);
  await pool.run("smoothRows", { ...args, kernel, out: smoothed }, users, {
    ...run,
    onFraction: stage("smooth"),
  });
  const diagonal = sharedF64(items);
  for (let i = 0; i < items; i++) {
    let sum = 0;
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      sum += turned.values[at]! * smoothed[turned.indices[at]! * items + i]!;
    }
    diagonal[i] = (1 - sum) / penalty[i]!;
  }
  return { form: "dual", turned, penalty, smoothed, diagonal };
}

async function takeSparse(
  source: EaseSource,
  keep: number,
  { pool, signal, stage }: FitContext,
): Promise<EaseCore> {
  const pieces = await pool.run("sparseRows", { source, keep }, source.diagonal.length, {
    chunk: 32,
    signal,
    onFraction: stage("rows"),
  });
  return { storage: "sparse", neighbours: joinPieces(pieces) };
}

async function takeDense(
  source: EaseSource,
  { pool, signal, stage }: FitContext,
): Promise<EaseCore> {
  const n = source.diagonal.length;
  const run = { chunk: 32, signal };
  const maxima = await pool.run("columnMaxima", { source }, n, {
    ...run,
    onFraction: stage("scales"),
  });
  const scales = sharedF32(n);
  for (const part of maxima) {
    for (let j = 0; j < n; j++) scales[j] = Math.max(scales[j]!, part[j]! / 127 ** 2);
  }
  const weights = sharedI8(n * n);
  await pool.run("quantiseRows", { source, scales, out: weights }, n, {
    ...run,
    onFraction: stage("rows"),
  });
  return { storage: "dense", weights, scales };
}
