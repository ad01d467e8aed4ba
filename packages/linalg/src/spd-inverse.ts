import { spdInverseSmall } from "./cholesky-solve.ts";
import type { WorkOptions } from "./gram.ts";
import type { Arithmetic } from "./kernel/scratch.ts";
import type { LinalgPool } from "./pool/pool.ts";
import { sharedF64 } from "./pool/shared.ts";

/** Columns taken out in one step: a multiple of four whose panels stay in the cache. */
const BLOCK = 128;
/** Rows of one piece of work: a multiple of four. */
const CHUNK = 128;

/**
 * Inverse of a symmetric positive definite matrix in place of it: `a` (n x n, row-major, in shared
 * memory, lower triangle read) becomes the full inverse. n^3 flops over the lower triangle alone: the
 * symmetric sweep (Goodnight, The American Statistician 33, 1979) by blocks of columns, whose pivots
 * are inverted by Cholesky. Every element is one thread's sum in a fixed order, so the bits do not
 * depend on the number of threads. Throws NOT_POSITIVE_DEFINITE or the signal's reason.
 */
export async function spdInverse(
  pool: LinalgPool,
  a: Float64Array,
  n: number,
  { signal, onFraction, arithmetic }: WorkOptions & { arithmetic?: Arithmetic } = {},
): Promise<void> {
  const width = Math.min(BLOCK, n);
  const panel = sharedF64(n * width);
  const scaled = sharedF64(n * width);
  const run = { chunk: CHUNK, signal };
  for (let k0 = 0; k0 < n; k0 += BLOCK) {
    const size = Math.min(BLOCK, n - k0);
    const block = new Float64Array(size * size);
    for (let p = 0; p < size; p++) {
      for (let q = p; q < size; q++) block[p * size + q] = a[(k0 + q) * n + k0 + p]!;
    }
    const pivot = sharedF64(size * size);
    pivot.set(spdInverseSmall(block, size, arithmetic));
    const args = { a, n, k0, size, pivot, panel, scaled, arithmetic };
    await pool.run("sweepPanel", args, n, run);
    await pool.run("sweepUpdate", args, n, run);
    onFraction?.(Math.min(1, (k0 + size) / n));
  }
  await pool.run("sweepFinish", { a, n }, n, run);
  await pool.run("sweepMirror", { a, n }, n, run);
}
