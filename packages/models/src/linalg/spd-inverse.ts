import type { WorkerPool } from "../workers/pool.ts";
import { sharedF64 } from "../workers/shared.ts";
import { spdInverseSmall } from "./cholesky.ts";

/** Columns taken out in one step: a multiple of four that lets both panels stay in the cache. */
const BLOCK = 64;
/** Rows of one piece of work: a multiple of four, so that tiles do not depend on who works. */
const CHUNK = 64;

export interface InverseOptions {
  signal?: AbortSignal | undefined;
  onFraction?: ((fraction: number) => void) | undefined;
}

/**
 * Inverse of a symmetric positive definite matrix in place of it: `a` (n x n, row-major, in shared
 * memory, lower triangle read) becomes the full inverse. n^3 flops over the lower triangle alone: the
 * symmetric sweep (Goodnight, The American Statistician 33, 1979) by blocks of columns, whose pivots
 * are inverted by Cholesky. Every element is one thread's sum in a fixed order, so the bits do not
 * depend on the number of threads. Throws NOT_POSITIVE_DEFINITE or the signal's reason.
 */
export async function spdInverseInPlace(
  pool: WorkerPool,
  a: Float64Array,
  n: number,
  { signal, onFraction }: InverseOptions = {},
): Promise<void> {
  const width = Math.min(BLOCK, n);
  const panel = sharedF64(n * width);
  const scaled = sharedF64(n * width);
  const run = { chunk: CHUNK, signal };
  for (let k0 = 0; k0 < n; k0 += BLOCK) {
    const size = Math.min(BLOCK, n - k0);
    const block = new Float64Array(size * size);
    for (let p = 0; p < size; p++) {
      const at = (k0 + p) * n + k0;
      block.set(a.subarray(at, at + size), p * size);
    }
    const pivot = sharedF64(size * size);
    pivot.set(spdInverseSmall(block, size));
    const args = { a, n, k0, size, pivot, panel, scaled };
    await pool.run("sweepPanel", args, n, run);
    await pool.run("sweepUpdate", args, n, run);
    onFraction?.(Math.min(1, (k0 + size) / n));
  }
  await pool.run("sweepFinish", { a, n }, n, run);
  await pool.run("sweepMirror", { a, n }, n, run);
}
