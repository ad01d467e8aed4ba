/** One step of the blocked sweep: block columns k0 .. k0 + size are taken out. */
export interface SweepArgs {
  /** n x n, row-major; the lower triangle counts. */
  a: Float64Array;
  n: number;
  k0: number;
  size: number;
  /** size x size: inverse of the block on the diagonal. */
  pivot: Float64Array;
  /** n x size: the block's columns of the symmetric matrix. */
  panel: Float64Array;
  /** n x size: panel times pivot. */
  scaled: Float64Array;
}

/** First half of a step: rows of the panel, and of the panel times the pivot. */
export function sweepPanel(args: SweepArgs, from: number, to: number): void {
  const { a, n, k0, size, pivot, panel, scaled } = args;
  for (let i = from; i < to; i++) {
    const row = i * size;
    for (let p = 0; p < size; p++) {
      const k = k0 + p;
      panel[row + p] = i >= k ? a[i * n + k]! : a[k * n + i]!;
    }
    for (let p = 0; p < size; p++) {
      let sum = 0;
      for (let q = 0; q < size; q++) sum += panel[row + q]! * pivot[q * size + p]!;
      scaled[row + p] = sum;
    }
  }
}

/** Second half: own rows of the lower triangle, from the panels alone. */
export function sweepUpdate(args: SweepArgs, from: number, to: number): void {
  const { k0, size } = args;
  const k1 = k0 + size;
  let i = from;
  while (i < to) {
    if (i >= k0 && i < k1) {
      pivotRow(args, i);
      i += 1;
      continue;
    }
    const limit = Math.min(to, i < k0 ? k0 : Number.POSITIVE_INFINITY);
    const height = limit - i >= 4 ? 4 : 1;
    if (height === 4) fourRows(args, i);
    for (let r = i; r < i + height; r++) tail(args, r, height === 4 ? i - (i % 4) : 0);
    i += height;
  }
}

/** A row of the block itself: what stood above it, and minus the pivot. */
function pivotRow({ a, n, k0, size, pivot, scaled }: SweepArgs, i: number): void {
  const row = i * n;
  for (let j = 0; j < k0; j++) a[row + j] = scaled[j * size + i - k0]!;
  for (let j = k0; j <= i; j++) a[row + j] = -pivot[(i - k0) * size + j - k0]!;
}

/** Columns of four rows at once, up to the last multiple of four not above the first row. */
function fourRows({ a, n, k0, size, panel, scaled }: SweepArgs, i: number): void {
  const k1 = k0 + size;
  const t0 = i * size;
  const t1 = t0 + size;
  const t2 = t1 + size;
  const t3 = t2 + size;
  const end = i - (i % 4);
  for (let j = 0; j < end; j += 4) {
    // Blocks begin at multiples of four, so a tile never straddles one but at the matrix' end.
    if (j >= k0 && j < k1) continue;
    const w0 = j * size;
    let [c00, c01, c02, c03] = [0, 0, 0, 0];
    let [c10, c11, c12, c13] = [0, 0, 0, 0];
    let [c20, c21, c22, c23] = [0, 0, 0, 0];
    let [c30, c31, c32, c33] = [0, 0, 0, 0];
    for (let p = 0; p < size; p++) {
      const x0 = scaled[t0 + p]!;
      const x1 = scaled[t1 + p]!;
      const x2 = scaled[t2 + p]!;
      const x3 = scaled[t3 + p]!;
      const y0 = panel[w0 + p]!;
      const y1 = panel[w0 + size + p]!;
      const y2 = panel[w0 + 2 * size + p]!;
      const y3 = panel[w0 + 3 * size + p]!;
      c00 += x0 * y0;
      c01 += x0 * y1;
      c02 += x0 * y2;
      c03 += x0 * y3;
      c10 += x1 * y0;
      c11 += x1 * y1;
      c12 += x1 * y2;
      c13 += x1 * y3;
      c20 += x2 * y0;
      c21 += x2 * y1;
      c22 += x2 * y2;
      c23 += x2 * y3;
      c30 += x3 * y0;
      c31 += x3 * y1;
      c32 += x3 * y2;
      c33 += x3 * y3;
    }
    const at = i * n + j;
    subtract(a, at, c00, c01, c02, c03);
    subtract(a, at + n, c10, c11, c12, c13);
    subtract(a, at + 2 * n, c20, c21, c22, c23);
    subtract(a, at + 3 * n, c30, c31, c32, c33);
  }
}

function subtract(a: Float64Array, at: number, x: number, y: number, z: number, w: number): void {
  a[at]! -= x;
  a[at + 1]! -= y;
  a[at + 2]! -= z;
  a[at + 3]! -= w;
}

/** The rest of one row: from column `begin` to the diagonal, and the block's columns. */
function tail(args: SweepArgs, i: number, begin: number): void {
  const { a, n, k0, size, panel, scaled } = args;
  const k1 = k0 + size;
  const row = i * n;
  const t = i * size;
  for (let j = begin; j <= i; j++) {
    if (j >= k0 && j < k1) continue;
    let sum = 0;
    for (let p = 0; p < size; p++) sum += scaled[t + p]! * panel[j * size + p]!;
    a[row + j]! -= sum;
  }
  if (i >= k1) for (let p = 0; p < size; p++) a[row + k0 + p] = scaled[t + p]!;
}

/** After the last step the triangle holds minus the inverse. */
export function sweepFinish(
  { a, n }: { a: Float64Array; n: number },
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    for (let j = 0; j <= i; j++) a[i * n + j] = -a[i * n + j]!;
  }
}

/** Writes the upper triangle of own rows from the lower one. */
export function sweepMirror(
  { a, n }: { a: Float64Array; n: number },
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    for (let j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i]!;
  }
}
