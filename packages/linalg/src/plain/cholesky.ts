/**
 * Upper Cholesky factor U (U'U = a) of an n x n matrix in place of its upper triangle, row-major. Answers
 * the first pivot that is not above 0 and finite, or -1. The lower triangle may be overwritten.
 */
export function plainCholesky(a: Float64Array, n: number): number {
  for (let k = 0; k < n; k++) {
    const row = k * n;
    const pivot = a[row + k]!;
    if (!(pivot > 0) || pivot === Number.POSITIVE_INFINITY) return k;
    const root = Math.sqrt(pivot);
    a[row + k] = root;
    for (let j = k + 1; j < n; j++) a[row + j]! /= root;
    for (let i = k + 1; i < n; i++) {
      const scale = a[row + i]!;
      for (let j = i; j < n; j++) a[i * n + j]! -= scale * a[row + j]!;
    }
  }
  return -1;
}

/** Solves U'U x = b in place of b. */
export function plainSolve(u: Float64Array, n: number, b: Float64Array): void {
  for (let k = 0; k < n; k++) {
    const x = b[k]! / u[k * n + k]!;
    b[k] = x;
    for (let i = k + 1; i < n; i++) b[i]! -= x * u[k * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < n; k++) sum -= u[i * n + k]! * b[k]!;
    b[i] = sum / u[i * n + i]!;
  }
}
