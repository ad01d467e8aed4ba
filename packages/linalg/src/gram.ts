import type { Arithmetic } from "./kernel/scratch.ts";
import type { LinalgPool } from "./pool/pool.ts";
import { sharedF64 } from "./pool/shared.ts";
import { transpose, type SparseRows } from "./sparse.ts";

/** Rows of one piece of work. */
const CHUNK = 64;

export interface WorkOptions {
  /** Aborted: the call rejects with its reason between two pieces of work. */
  signal?: AbortSignal | undefined;
  /** Share of the work that is done, 0..1. */
  onFraction?: ((fraction: number) => void) | undefined;
}

export interface GramOf {
  matrix: SparseRows;
  columns: number;
  /** The transposed matrix, where it is there already. */
  turned?: SparseRows;
  arithmetic?: Arithmetic;
}

/**
 * X'X of a sparse matrix with `columns` columns: n x n, row-major, in shared memory, of which the lower
 * triangle is written. Weights of 1 give exact counts. Rejects with the signal's reason or NO_MEMORY.
 */
export async function gram(
  pool: LinalgPool,
  { matrix, columns, turned, arithmetic }: GramOf,
  { signal, onFraction }: WorkOptions = {},
): Promise<Float64Array> {
  const out = sharedF64(columns * columns);
  const args = {
    matrix,
    turned: turned ?? transpose(matrix, columns),
    out,
    n: columns,
    arithmetic,
  };
  await pool.run("gramRows", args, columns, { chunk: CHUNK, signal, onFraction });
  return out;
}
