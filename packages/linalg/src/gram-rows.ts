import type { Arena } from "./kernel/arena.ts";
import { type Arithmetic, scratch } from "./kernel/scratch.ts";
import type { SparseRows } from "./sparse.ts";

export interface GramArgs {
  /** Rows x columns, and its transpose. */
  matrix: SparseRows;
  turned: SparseRows;
  /** n x n, n = columns; the lower triangle is written. */
  out: Float64Array;
  n: number;
  arithmetic?: Arithmetic | undefined;
}

/** Beyond so many entries the matrix is not copied to the kernel's memory for a piece of work. */
const MOST_ENTRIES = 4_000_000;

/** Rows `from` to `to` of the lower triangle of X'X. Sums run over rows of X in ascending order. */
export function gramRows(args: GramArgs, from: number, to: number): void {
  const few = args.matrix.indices.length <= MOST_ENTRIES;
  const panels = few ? scratch(args.arithmetic) : undefined;
  if (panels === undefined) plainRows(args, from, to);
  else kernelRows(args, panels, from, to);
}

function kernelRows(args: GramArgs, panels: Arena, from: number, to: number): void {
  const { matrix, turned, out, n } = args;
  const { indptr, indices, values } = matrix;
  const atPtr = panels.allocate(indptr.byteLength);
  const atIndices = panels.allocate(indices.byteLength);
  const atValues = panels.allocate(values.byteLength);
  const atRows = panels.allocate(indptr.byteLength);
  const atWeights = panels.allocate(indptr.byteLength);
  const atOut = panels.allocate(n * 8);
  const words = panels.words();
  const floats = panels.floats();
  const doubles = panels.doubles();
  words.set(indptr, atPtr >>> 2);
  words.set(indices, atIndices >>> 2);
  floats.set(values, atValues >>> 2);
  for (let i = from; i < to; i++) {
    const begin = turned.indptr[i]!;
    const end = turned.indptr[i + 1]!;
    words.set(turned.indices.subarray(begin, end), atRows >>> 2);
    floats.set(turned.values.subarray(begin, end), atWeights >>> 2);
    const line = atOut >>> 3;
    doubles.fill(0, line, line + i + 1);
    const { kernels } = panels;
    kernels.gramRow(atRows, atWeights, end - begin, atPtr, atIndices, atValues, i, atOut);
    out.set(doubles.subarray(line, line + i + 1), i * n);
  }
}

function plainRows({ matrix, turned, out, n }: GramArgs, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const row = i * n;
    out.fill(0, row, row + i + 1);
    for (let at = turned.indptr[i]!; at < turned.indptr[i + 1]!; at++) {
      const r = turned.indices[at]!;
      const weight = turned.values[at]!;
      const end = matrix.indptr[r + 1]!;
      for (let k = matrix.indptr[r]!; k < end; k++) {
        const j = matrix.indices[k]!;
        if (j > i) break;
        out[row + j]! += weight * matrix.values[k]!;
      }
    }
  }
}
