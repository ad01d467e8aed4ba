import { LinalgError } from "./errors.ts";
import { type Arithmetic, scratch, upTo } from "./kernel/scratch.ts";
import { plainCholesky, plainSolve } from "./plain/cholesky.ts";

/** Solves with one matrix, factored once. */
export interface CholeskyFactor {
  /** b becomes the solution of a x = b. */
  solve(b: Float64Array): void;
}

/**
 * Factors a symmetric positive definite n x n matrix (upper triangle read, left as it is). Throws
 * NOT_POSITIVE_DEFINITE.
 */
export function choleskyFactor(
  a: Float64Array,
  n: number,
  arithmetic?: Arithmetic,
): CholeskyFactor {
  const u = a.slice(0, n * n);
  const failed = factorInPlace(u, n, arithmetic);
  if (failed >= 0) throw notPositive(failed, n);
  return { solve: (b) => plainSolve(u, n, b) };
}

/** x with a x = b, a as for `choleskyFactor`; b is left as it is. Throws NOT_POSITIVE_DEFINITE. */
export function choleskySolve(
  a: Float64Array,
  n: number,
  b: Float64Array,
  arithmetic?: Arithmetic,
): Float64Array {
  const x = b.slice(0, n);
  choleskyFactor(a, n, arithmetic).solve(x);
  return x;
}

/** Full inverse of a small symmetric positive definite matrix (upper triangle read). */
export function spdInverseSmall(a: Float64Array, n: number, arithmetic?: Arithmetic): Float64Array {
  const factor = choleskyFactor(a, n, arithmetic);
  const inverse = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    column.fill(0);
    column[j] = 1;
    factor.solve(column);
    for (let i = j; i < n; i++) inverse[i * n + j] = inverse[j * n + i] = column[i]!;
  }
  return inverse;
}

export function notPositive(pivot: number, n: number): LinalgError {
  return new LinalgError("NOT_POSITIVE_DEFINITE", `pivot ${pivot} of ${n} is not above 0`);
}

function factorInPlace(u: Float64Array, n: number, arithmetic: Arithmetic | undefined): number {
  const panels = scratch(arithmetic);
  if (panels === undefined) return plainCholesky(u, n);
  const ld = upTo(n, 2);
  const at = panels.allocate(ld * ld * 8);
  const start = at >>> 3;
  const doubles = panels.doubles();
  for (let i = 0; i < n; i++) {
    doubles.set(u.subarray(i * n, i * n + n), start + i * ld);
    // The padding of an odd size is a row and a column of 1.
    if (ld > n) doubles[start + i * ld + n] = 0;
  }
  if (ld > n) doubles[start + n * ld + n] = 1;
  const failed = panels.kernels.cholesky(at, ld);
  for (let i = 0; i < n; i++) {
    u.set(doubles.subarray(start + i * ld, start + i * ld + n), i * n);
  }
  return failed;
}
