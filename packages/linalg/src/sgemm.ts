import { LinalgError } from "./errors.ts";
import type { WorkOptions } from "./gram.ts";
import type { LinalgPool } from "./pool/pool.ts";
import type { SgemmArgs } from "./sgemm-rows.ts";

/** Rows of one piece of work: a multiple of four. */
const CHUNK = 128;

/**
 * out = a b in float32 (m x k times k x n; `transposeA`, `transposeB` take the factor as it lies
 * transposed). `out` is overwritten and must be in shared memory when the pool has threads. Throws
 * SHAPE_INVALID; rejects with the signal's reason.
 */
export async function sgemm(
  pool: LinalgPool,
  args: SgemmArgs,
  { signal, onFraction }: WorkOptions = {},
): Promise<void> {
  const { a, b, out, m, n, k } = args;
  if (a.length < m * k || b.length < k * n || out.length < m * n) {
    throw new LinalgError("SHAPE_INVALID", `arrays are too short for ${m} x ${k} x ${n}`);
  }
  await pool.run("sgemmRows", args, m, { chunk: CHUNK, signal, onFraction });
}
