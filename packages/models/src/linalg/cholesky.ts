import { ModelError } from "../errors.ts";

/**
 * Cholesky factor of a symmetric positive definite matrix, in place: the lower triangle of `a`
 * (n x n, row-major, `a = L L'`) becomes L; the upper triangle is neither read nor written.
 * Throws NOT_POSITIVE_DEFINITE.
 */
export function choleskyInPlace(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    let pivot = a[rowJ + j]!;
    for (let k = 0; k < j; k++) pivot -= a[rowJ + k]! * a[rowJ + k]!;
    if (!(pivot > 0) || pivot === Number.POSITIVE_INFINITY) {
      throw new ModelError("NOT_POSITIVE_DEFINITE", `pivot ${j} of ${n} is ${pivot}`);
    }
    const root = Math.sqrt(pivot);
    a[rowJ + j] = root;
    for (let i = j + 1; i < n; i++) {
      const rowI = i * n;
      let sum = a[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= a[rowI + k]! * a[rowJ + k]!;
      a[rowI + j] = sum / root;
    }
  }
}

/** Solves `L L' x = b` in place of b, L from `choleskyInPlace`. */
export function choleskySolveInPlace(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * b[k]!;
    b[i] = sum / l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * b[k]!;
    b[i] = sum / l[i * n + i]!;
  }
}

/** Inverse of a small symmetric positive definite matrix (lower triangle read), full. */
export function spdInverseSmall(a: Float64Array, n: number): Float64Array {
  const l = a.slice();
  choleskyInPlace(l, n);
  const inverse = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    column.fill(0);
    column[j] = 1;
    choleskySolveInPlace(l, n, column);
    for (let i = j; i < n; i++) inverse[i * n + j] = inverse[j * n + i] = column[i]!;
  }
  return inverse;
}
