import { notPositive } from "./cholesky-solve.ts";
import type { Arena } from "./kernel/arena.ts";
import { type Arithmetic, scratch, upTo } from "./kernel/scratch.ts";
import { plainCholesky, plainSolve } from "./plain/cholesky.ts";
import type { SparseRows } from "./sparse.ts";

/** Many small ridge regressions on rows of the same matrix. */
export interface RidgeArgs {
  /** For each regression the rows v of `vectors` that take part, with their weights w. */
  matrix: SparseRows;
  /** Rows of d numbers. */
  vectors: Float32Array;
  d: number;
  /** d x d, symmetric: part of every system. */
  base: Float64Array;
  /** What is added to the diagonal, one a regression. */
  ridges: Float64Array;
  arithmetic?: Arithmetic | undefined;
}

/** Rows that are gathered at once. */
const DEPTH = 256;

/**
 * Solutions x of `(base + sum w v v' + ridge 1) x = sum w v` for regressions `from` to `to`, to the
 * same rows of `out`. The kernel sums products in float32 and solves in float64. Throws
 * NOT_POSITIVE_DEFINITE.
 */
export function ridgeRows(args: RidgeArgs & { out: Float32Array }, from: number, to: number): void {
  const panels = scratch(args.arithmetic);
  if (panels === undefined) plainRows(args, from, to);
  else kernelRows(args, panels, from, to);
}

/** Matrix of one such system, full, in float64. */
export function ridgeSystem(
  { matrix, vectors, d, base, ridges }: RidgeArgs,
  row: number,
): Float64Array {
  const system = base.slice(0, d * d);
  for (let p = 0; p < d; p++) system[p * d + p]! += ridges[row]!;
  for (let at = matrix.indptr[row]!; at < matrix.indptr[row + 1]!; at++) {
    const start = matrix.indices[at]! * d;
    for (let p = 0; p < d; p++) {
      const scaled = matrix.values[at]! * vectors[start + p]!;
      for (let q = p; q < d; q++) system[p * d + q]! += scaled * vectors[start + q]!;
    }
  }
  for (let p = 0; p < d; p++) for (let q = 0; q < p; q++) system[p * d + q] = system[q * d + p]!;
  return system;
}

function plainRows(args: RidgeArgs & { out: Float32Array }, from: number, to: number): void {
  const { matrix, vectors, d, out } = args;
  for (let row = from; row < to; row++) {
    const system = ridgeSystem(args, row);
    const side = new Float64Array(d);
    for (let at = matrix.indptr[row]!; at < matrix.indptr[row + 1]!; at++) {
      const start = matrix.indices[at]! * d;
      for (let p = 0; p < d; p++) side[p]! += matrix.values[at]! * vectors[start + p]!;
    }
    const failed = plainCholesky(system, d);
    if (failed >= 0) throw notPositive(failed, d);
    plainSolve(system, d, side);
    out.set(side, row * d);
  }
}

function kernelRows(
  args: RidgeArgs & { out: Float32Array },
  panels: Arena,
  from: number,
  to: number,
): void {
  const { matrix, d, ridges, out } = args;
  const ld = upTo(d, 8);
  const at = {
    base: panels.allocate(ld * ld * 8),
    system: panels.allocate(ld * ld * 8),
    products: panels.allocate(ld * ld * 4),
    side: panels.allocate(ld * 8),
    rows: panels.allocate(DEPTH * ld * 4),
    scaled: panels.allocate(DEPTH * ld * 4),
    weights: panels.allocate(DEPTH * 4),
  };
  const { kernels } = panels;
  const doubles = panels.doubles();
  const floats = panels.floats();
  padBase(args, doubles, at.base >>> 3, ld);
  // Beyond d the gathered rows stay 0.
  floats.fill(0, at.rows >>> 2, (at.rows >>> 2) + DEPTH * ld);
  for (let row = from; row < to; row++) {
    floats.fill(0, at.products >>> 2, (at.products >>> 2) + ld * ld);
    doubles.fill(0, at.side >>> 3, (at.side >>> 3) + ld);
    const end = matrix.indptr[row + 1]!;
    for (let first = matrix.indptr[row]!; first < end; first += DEPTH) {
      const count = Math.min(DEPTH, end - first);
      gather(args, first, count, { floats, rows: at.rows >>> 2, weights: at.weights >>> 2, ld });
      kernels.weigh(at.rows, at.weights, count, ld, at.scaled, at.side);
      kernels.sgemm(at.scaled, at.rows, at.products, ld, ld, count, 1);
    }
    kernels.addRidge(at.base, at.products, ridges[row]!, ld, at.system);
    const failed = kernels.cholesky(at.system, ld);
    if (failed >= 0) throw notPositive(failed, d);
    kernels.solve(at.system, ld, at.side);
    out.set(doubles.subarray(at.side >>> 3, (at.side >>> 3) + d), row * d);
  }
}

/** The base with 1 on the diagonal of the padding, 0 beside it. */
function padBase({ base, d }: RidgeArgs, doubles: Float64Array, start: number, ld: number): void {
  doubles.fill(0, start, start + ld * ld);
  for (let p = 0; p < ld; p++) {
    if (p < d) doubles.set(base.subarray(p * d, p * d + d), start + p * ld);
    else doubles[start + p * ld + p] = 1;
  }
}

function gather(
  { matrix, vectors, d }: RidgeArgs,
  first: number,
  count: number,
  to: { floats: Float32Array; rows: number; weights: number; ld: number },
): void {
  to.floats.set(matrix.values.subarray(first, first + count), to.weights);
  for (let r = 0; r < count; r++) {
    const from = matrix.indices[first + r]! * d;
    to.floats.set(vectors.subarray(from, from + d), to.rows + r * to.ld);
  }
}
