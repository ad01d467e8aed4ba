// Kernels of packages/linalg in AssemblyScript, compiled by tools/generate to
// src/kernel/bytes.generated.ts. Addresses are bytes in the imported memory; nothing is allocated here.
// A sum of several vectors runs over p ascending in every lane, so it does not depend on the tile.

/** Four rows times eight columns of c += a' b; strides in bytes. */
function tileF32(a: usize, b: usize, c: usize, k: i32, lda: usize, ldb: usize, ldc: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let p = 0; p < k; p++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    a += lda;
    b += ldb;
  }
  v128.store(c, f32x4.add(v128.load(c), c00));
  v128.store(c, f32x4.add(v128.load(c, 16), c01), 16);
  c += ldc;
  v128.store(c, f32x4.add(v128.load(c), c10));
  v128.store(c, f32x4.add(v128.load(c, 16), c11), 16);
  c += ldc;
  v128.store(c, f32x4.add(v128.load(c), c20));
  v128.store(c, f32x4.add(v128.load(c, 16), c21), 16);
  c += ldc;
  v128.store(c, f32x4.add(v128.load(c), c30));
  v128.store(c, f32x4.add(v128.load(c, 16), c31), 16);
}

/**
 * c += a' b in float32: a is k x m, b k x n, c m x n, row-major without gaps; m is a multiple of 4, n of
 * 8. `upper`: tiles wholly below the diagonal are left out.
 */
export function sgemm(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, upper: i32): void {
  const lda = usize(m) << 2;
  const ldb = usize(n) << 2;
  for (let i = 0; i < m; i += 4) {
    const begin = upper ? i & ~7 : 0;
    const left = a + (usize(i) << 2);
    const line = c + usize(i) * ldb;
    for (let j = begin; j < n; j += 8) {
      tileF32(left, b + (usize(j) << 2), line + (usize(j) << 2), k, lda, ldb, ldb);
    }
  }
}

/** Four rows times four columns of c -= a' b; strides in bytes. */
function tileF64(a: usize, b: usize, c: usize, k: i32, lda: usize, ldb: usize, ldc: usize): void {
  let c00 = f64x2.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let p = 0; p < k; p++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load64_splat(a);
    c00 = f64x2.add(c00, f64x2.mul(x, b0));
    c01 = f64x2.add(c01, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 8);
    c10 = f64x2.add(c10, f64x2.mul(x, b0));
    c11 = f64x2.add(c11, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 16);
    c20 = f64x2.add(c20, f64x2.mul(x, b0));
    c21 = f64x2.add(c21, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 24);
    c30 = f64x2.add(c30, f64x2.mul(x, b0));
    c31 = f64x2.add(c31, f64x2.mul(x, b1));
    a += lda;
    b += ldb;
  }
  v128.store(c, f64x2.sub(v128.load(c), c00));
  v128.store(c, f64x2.sub(v128.load(c, 16), c01), 16);
  c += ldc;
  v128.store(c, f64x2.sub(v128.load(c), c10));
  v128.store(c, f64x2.sub(v128.load(c, 16), c11), 16);
  c += ldc;
  v128.store(c, f64x2.sub(v128.load(c), c20));
  v128.store(c, f64x2.sub(v128.load(c, 16), c21), 16);
  c += ldc;
  v128.store(c, f64x2.sub(v128.load(c), c30));
  v128.store(c, f64x2.sub(v128.load(c, 16), c31), 16);
}

/** c -= a' b in float64: a is k x m, b k x n, c m x n, row-major without gaps; m, n multiples of 4. */
export function dgemm(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32): void {
  const lda = usize(m) << 3;
  const ldb = usize(n) << 3;
  for (let i = 0; i < m; i += 4) {
    const left = a + (usize(i) << 3);
    const line = c + usize(i) * ldb;
    for (let j = 0; j < n; j += 4) {
      tileF64(left, b + (usize(j) << 3), line + (usize(j) << 3), k, lda, ldb, ldb);
    }
  }
}

/**
 * Upper Cholesky factor of the n x n float64 matrix at a (upper triangle read, n even, row-major) in
 * place. Answers the first pivot that is not above 0 and finite, or -1.
 */
export function cholesky(a: usize, n: i32): i32 {
  const ld = usize(n) << 3;
  for (let k = 0; k < n; k++) {
    const row = a + usize(k) * ld;
    const pivot = load<f64>(row + (usize(k) << 3));
    if (!(pivot > 0) || pivot == Infinity) return k;
    const root = sqrt(pivot);
    store<f64>(row + (usize(k) << 3), root);
    for (let j = k + 1; j < n; j++) {
      const at = row + (usize(j) << 3);
      store<f64>(at, load<f64>(at) / root);
    }
    for (let i = k + 1; i < n; i++) {
      const scale = f64x2.splat(load<f64>(row + (usize(i) << 3)));
      const line = a + usize(i) * ld;
      // From an even column: the one below the diagonal that this may touch is never read.
      for (let j = i & ~1; j < n; j += 2) {
        const at = usize(j) << 3;
        const product = f64x2.mul(scale, v128.load(row + at));
        v128.store(line + at, f64x2.sub(v128.load(line + at), product));
      }
    }
  }
  return -1;
}

/** Solves U'U x = b in place of b with U of `cholesky`. */
export function solve(u: usize, n: i32, b: usize): void {
  const ld = usize(n) << 3;
  for (let k = 0; k < n; k++) {
    const row = u + usize(k) * ld;
    const at = b + (usize(k) << 3);
    const x = load<f64>(at) / load<f64>(row + (usize(k) << 3));
    store<f64>(at, x);
    for (let i = k + 1; i < n; i++) {
      const to = b + (usize(i) << 3);
      store<f64>(to, load<f64>(to) - x * load<f64>(row + (usize(i) << 3)));
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = u + usize(i) * ld;
    let sum = load<f64>(b + (usize(i) << 3));
    for (let k = i + 1; k < n; k++) {
      sum -= load<f64>(row + (usize(k) << 3)) * load<f64>(b + (usize(k) << 3));
    }
    store<f64>(b + (usize(i) << 3), sum / load<f64>(row + (usize(i) << 3)));
  }
}

/** Sum of the products of `bytes` / 4 float32 numbers, `bytes` a multiple of 16, not 0. */
function dot(row: usize, query: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(row + i), v128.load(query + i)));
  }
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  );
}

/** Dot products of `count` rows, `bytes` apart, with the query, to `out` as float32. */
export function scan(row: usize, count: i32, bytes: usize, query: usize, out: usize): void {
  for (let i = 0; i < count; i++) {
    store<f32>(out, dot(row, query, bytes));
    row += bytes;
    out += 4;
  }
}

/**
 * From `out` on the addresses of the rows in [row, end), `bytes` apart, whose dot product with the query
 * is at least `least` (one word more may be written); answers where they end.
 */
export function reach(
  row: usize,
  end: usize,
  bytes: usize,
  query: usize,
  out: usize,
  least: f32,
): usize {
  while (row < end) {
    store<u32>(out, u32(row));
    out += usize(dot(row, query, bytes) >= least) << 2;
    row += bytes;
  }
  return out;
}

/** sums += weight * q * |q| over n int8 numbers q, n a multiple of 8; sums are float64. */
export function addSquared(q: usize, n: i32, weight: f64, sums: usize): void {
  const w = f64x2.splat(weight);
  for (let j = 0; j < n; j += 8) {
    const wide = v128.load8x8_s(q);
    const squares = i16x8.mul(wide, i16x8.abs(wide));
    const low = i32x4.extend_low_i16x8_s(squares);
    const high = i32x4.extend_high_i16x8_s(squares);
    add(sums, w, low, 0);
    add(sums, w, v128.shuffle<i32>(low, low, 2, 3, 2, 3), 16);
    add(sums, w, high, 32);
    add(sums, w, v128.shuffle<i32>(high, high, 2, 3, 2, 3), 48);
    q += 8;
    sums += 64;
  }
}

function add(sums: usize, weight: v128, values: v128, offset: usize): void {
  const at = sums + offset;
  const product = f64x2.mul(weight, f64x2.convert_low_i32x4_s(values));
  v128.store(at, f64x2.add(v128.load(at), product));
}

/**
 * One row of a product of sparse matrices: for each of `count` rows of the right factor (with its
 * weight) its entries of columns below `limit` are added, times the weight, to the float64 numbers at `out`. Columns ascend.
 */
export function productRow(
  rows: usize,
  weights: usize,
  count: i32,
  indptr: usize,
  indices: usize,
  values: usize,
  limit: u32,
  out: usize,
): void {
  for (let at = 0; at < count; at++) {
    const place = indptr + (usize(load<u32>(rows + (usize(at) << 2))) << 2);
    const weight = f64(load<f32>(weights + (usize(at) << 2)));
    const end = usize(load<u32>(place, 4));
    for (let k = usize(load<u32>(place)); k < end; k++) {
      const column = load<u32>(indices + (k << 2));
      if (column >= limit) break;
      const to = out + (usize(column) << 3);
      store<f64>(to, load<f64>(to) + weight * f64(load<f32>(values + (k << 2))));
    }
  }
}

/** to = weight x row for `count` rows of n float32 numbers (n a multiple of 4), and side += each of them. */
export function weigh(
  rows: usize,
  weights: usize,
  count: i32,
  n: i32,
  to: usize,
  side: usize,
): void {
  for (let r = 0; r < count; r++) {
    const weight = f32x4.splat(load<f32>(weights + (usize(r) << 2)));
    let sum = side;
    for (let p = 0; p < n; p += 4) {
      const values = f32x4.mul(weight, v128.load(rows));
      v128.store(to, values);
      v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(values)));
      const high = v128.shuffle<i32>(values, values, 2, 3, 2, 3);
      v128.store(sum, f64x2.add(v128.load(sum, 16), f64x2.promote_low_f32x4(high)), 16);
      rows += 16;
      to += 16;
      sum += 32;
    }
  }
}

/** Upper triangle of out = base + c, c in float32, and `ridge` on the diagonal; n x n, n even. */
export function addRidge(base: usize, c: usize, ridge: f64, n: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = i & ~1; j < n; j += 2) {
      const at = usize(row + j) << 3;
      const part = f64x2.promote_low_f32x4(v128.load64_zero(c + (at >> 1)));
      v128.store(out + at, f64x2.add(v128.load(base + at), part));
    }
    const at = out + (usize(row + i) << 3);
    store<f64>(at, load<f64>(at) + ridge);
  }
}
