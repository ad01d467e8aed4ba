/** `size` numbers apart lie the rows of each matrix. */
export interface TileArgs<T> {
  /** k x m, k x n and m x n, all row-major. */
  a: T;
  b: T;
  c: T;
  m: number;
  n: number;
  k: number;
}

/** c += a' b in float64, rounded to float32 once: what the float32 kernel approximates. */
export function plainSgemm({ a, b, c, m, n, k }: TileArgs<Float32Array>): void {
  const line = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    line.fill(0);
    for (let p = 0; p < k; p++) {
      const left = a[p * m + i]!;
      for (let j = 0; j < n; j++) line[j]! += left * b[p * n + j]!;
    }
    for (let j = 0; j < n; j++) c[i * n + j]! += line[j]!;
  }
}

/** c -= a' b in float64: each sum runs over p ascending and is subtracted whole. */
export function plainDgemm({ a, b, c, m, n, k }: TileArgs<Float64Array>): void {
  const line = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    line.fill(0);
    for (let p = 0; p < k; p++) {
      const left = a[p * m + i]!;
      for (let j = 0; j < n; j++) line[j]! += left * b[p * n + j]!;
    }
    for (let j = 0; j < n; j++) c[i * n + j]! -= line[j]!;
  }
}
