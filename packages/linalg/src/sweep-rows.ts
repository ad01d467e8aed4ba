import { type Arithmetic, scratch, upTo } from "./kernel/scratch.ts";
import { plainDgemm, type TileArgs } from "./plain/gemm.ts";

/** One step of the blocked sweep: block columns k0 .. k0 + size are taken out. */
export interface SweepArgs {
  /** n x n, row-major; the lower triangle counts. */
  a: Float64Array;
  n: number;
  k0: number;
  size: number;
  /** size x size: inverse of the block on the diagonal. */
  pivot: Float64Array;
  /** size x n: the block's columns of the symmetric matrix, transposed. */
  panel: Float64Array;
  /** size x n: pivot times panel. */
  scaled: Float64Array;
  arithmetic?: Arithmetic | undefined;
}

/** Columns of one tile. */
const WIDTH = 128;

/** First half of a step: columns `from` to `to` of the panel, and of the pivot times the panel. */
export function sweepPanel(args: SweepArgs, from: number, to: number): void {
  const { a, n, k0, size, pivot, panel, scaled, arithmetic } = args;
  const width = upTo(to - from, 4);
  const height = upTo(size, 4);
  const b = new Float64Array(size * width);
  const left = new Float64Array(size * height);
  for (let p = 0; p < size; p++) {
    const k = k0 + p;
    for (let i = from; i < to; i++) {
      const value = i >= k ? a[i * n + k]! : a[k * n + i]!;
      panel[p * n + i] = value;
      b[p * width + i - from] = value;
    }
    // The kernel subtracts.
    for (let q = 0; q < size; q++) left[p * height + q] = -pivot[p * size + q]!;
  }
  const c = new Float64Array(height * width);
  subtractProduct({ a: left, b, c, m: height, n: width, k: size }, arithmetic);
  for (let p = 0; p < size; p++) {
    scaled.set(c.subarray(p * width, p * width + to - from), p * n + from);
  }
}

/** Second half: own rows of the lower triangle, from the panels alone. */
export function sweepUpdate(args: SweepArgs, from: number, to: number): void {
  const { n, k0, size } = args;
  const height = upTo(to - from, 4);
  const left = new Float64Array(size * height);
  for (let p = 0; p < size; p++) {
    left.set(args.scaled.subarray(p * n + from, p * n + to), p * height);
  }
  for (let j = 0; j < to; j += WIDTH) updateTile(args, left, { from, to, j });
  for (let i = from; i < to; i++) {
    if (i >= k0 && i < k0 + size) pivotRow(args, i);
    else if (i >= k0 + size) {
      for (let p = 0; p < size; p++) args.a[i * n + k0 + p] = args.scaled[p * n + i]!;
    }
  }
}

/**
 * Columns j .. j + WIDTH of own rows up to the diagonal. Those of the block are written afterwards, in
 * place of what this leaves there.
 */
function updateTile(
  { a, n, size, panel, arithmetic }: SweepArgs,
  left: Float64Array,
  { from, to, j }: { from: number; to: number; j: number },
): void {
  const end = Math.min(j + WIDTH, to);
  const width = upTo(end - j, 4);
  const height = upTo(to - from, 4);
  const b = new Float64Array(size * width);
  for (let p = 0; p < size; p++) b.set(panel.subarray(p * n + j, p * n + end), p * width);
  const c = new Float64Array(height * width);
  for (let i = Math.max(from, j); i < to; i++) {
    const row = i * n;
    c.set(a.subarray(row + j, row + Math.min(end, i + 1)), (i - from) * width);
  }
  subtractProduct({ a: left, b, c, m: height, n: width, k: size }, arithmetic);
  for (let i = Math.max(from, j); i < to; i++) {
    const at = (i - from) * width;
    a.set(c.subarray(at, at + Math.min(end, i + 1) - j), i * n + j);
  }
}

/** A row of the block itself: what stood above it, and minus the pivot. */
function pivotRow({ a, n, k0, size, pivot, scaled }: SweepArgs, i: number): void {
  const row = i * n;
  const line = (i - k0) * n;
  for (let j = 0; j < k0; j++) a[row + j] = scaled[line + j]!;
  for (let j = k0; j <= i; j++) a[row + j] = -pivot[(i - k0) * size + j - k0]!;
}

/** c -= a' b; the plain twin gives the same bits, both sum over k in order. */
function subtractProduct(tile: TileArgs<Float64Array>, arithmetic: Arithmetic | undefined): void {
  const panels = scratch(arithmetic);
  if (panels === undefined) {
    plainDgemm(tile);
    return;
  }
  const { a, b, c, m, n, k } = tile;
  const places = [a, b, c].map((values) => panels.allocate(values.byteLength));
  const [atA, atB, atC] = places as [number, number, number];
  const doubles = panels.doubles();
  doubles.set(a, atA >>> 3);
  doubles.set(b, atB >>> 3);
  doubles.set(c, atC >>> 3);
  panels.kernels.dgemm(atA, atB, atC, m, n, k);
  c.set(doubles.subarray(atC >>> 3, (atC >>> 3) + c.length));
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
