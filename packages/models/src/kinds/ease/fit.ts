import { stringCount } from "@signalpath/contracts";
import { gram, spdInverse, transpose, type SparseRows } from "@signalpath/linalg";

import { ModelError } from "../../errors.ts";
import { fittingMatrix } from "../../interactions/binary.ts";
import { discountUsers } from "../../interactions/discount.ts";
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
  /** L, one an item: lambda + p / (1 - p) diag(X'X). */
  penalty: Float64Array;
  diagonalLimit: number;
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
  if (!source.divisors.every((value) => value > 0)) {
    throw new ModelError("NOT_POSITIVE_DEFINITE", "lambda is too small for these weights");
  }
  return chooseStorage(size, parameters) === "sparse"
    ? takeSparse(source, parameters.neighbours, context)
    : takeDense(source, context);
}

function prepare(interactions: Interactions, parameters: EaseParameters): Data {
  const items = stringCount(interactions.items);
  const { lambda, dropout, confidence, user_discount, diagonal_limit } = parameters;
  const matrix = discountUsers(fittingMatrix(interactions, confidence), user_discount);
  const turned = transpose(matrix, items);
  const penalty = sharedF64(items);
  const ratio = dropout / (1 - dropout);
  for (let i = 0; i < items; i++) {
    let squares = 0;
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      squares += turned.values[at]! ** 2;
    }
    penalty[i] = lambda + ratio * squares;
  }
  const users = stringCount(interactions.users);
  return { matrix, turned, users, items, penalty, diagonalLimit: diagonal_limit };
}

/**
 * What column j of -P is divided by. B = 1 - P diag(m) with m_j = 1 / P_jj has the diagonal 0; the least
 * error at most `diagonalLimit` there has m_j = (1 - limit) / P_jj, or L_j where B_jj without any
 * constraint, 1 - L_j P_jj, is no more than the limit (Moon et al., 2023).
 */
function divisorOf({ penalty, diagonalLimit }: Data, inverse: number, j: number): number {
  return Math.min(1 / penalty[j]!, inverse / (1 - diagonalLimit));
}

async function primal(data: Data, { pool, signal, stage }: FitContext): Promise<EaseSource> {
  const { matrix, turned, items: n, penalty } = data;
  const of = { matrix, turned, columns: n };
  const inverse = await gram(pool, of, { signal, onFraction: stage("gram") });
  for (let i = 0; i < n; i++) inverse[i * n + i]! += penalty[i]!;
  await spdInverse(pool, inverse, n, { signal, onFraction: stage("inverse") });
  const divisors = sharedF64(n);
  for (let i = 0; i < n; i++) divisors[i] = divisorOf(data, inverse[i * n + i]!, i);
  return { form: "primal", inverse, divisors };
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
  const divisors = sharedF64(items);
  for (let i = 0; i < items; i++) {
    let sum = 0;
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      sum += turned.values[at]! * smoothed[turned.indices[at]! * items + i]!;
    }
    divisors[i] = divisorOf(data, (1 - sum) / penalty[i]!, i);
  }
  return { form: "dual", turned, penalty, smoothed, divisors };
}

async function takeSparse(
  source: EaseSource,
  keep: number,
  { pool, signal, stage }: FitContext,
): Promise<EaseCore> {
  const pieces = await pool.run("sparseRows", { source, keep }, source.divisors.length, {
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
  const n = source.divisors.length;
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
