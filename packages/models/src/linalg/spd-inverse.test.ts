import { afterAll, describe, expect, it } from "vitest";

import { seeded } from "../testing/sample.ts";
import { createWorkerPool } from "../workers/pool.ts";
import { sharedF64 } from "../workers/shared.ts";
import { spdInverseInPlace } from "./spd-inverse.ts";

/** M M' + 1 with random M: symmetric, positive definite. */
function randomSpd(n: number): Float64Array {
  const random = seeded(n);
  const m = Array.from({ length: n }, () => Array.from({ length: n }, () => random() - 0.5));
  const a = sharedF64(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      a[i * n + j] = m[i]!.reduce((sum, value, k) => sum + value * m[j]![k]!, i === j ? 1 : 0);
    }
  }
  return a;
}

describe("inverse", () => {
  const here = createWorkerPool(0);
  const threads = [1, 2].map((workers) => createWorkerPool(workers));
  afterAll(async () => {
    for (const pool of threads) await pool.close();
  });

  it.each([1, 2, 3, 5, 63, 64, 65, 67, 130, 200])("of %i rows times the matrix is 1", async (n) => {
    const a = randomSpd(n);
    const inverse = sharedF64(n * n);
    inverse.set(a);
    // Only the lower triangle is read.
    for (let i = 0; i < n; i++) inverse.fill(Number.NaN, i * n + i + 1, (i + 1) * n);
    await spdInverseInPlace(here, inverse, n);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = i === j ? -1 : 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k]! * inverse[k * n + j]!;
        worst = Math.max(worst, Math.abs(sum));
      }
    }
    expect(worst).toBeLessThan(1e-9);
  });

  it("has the same bits for any number of threads", async () => {
    const n = 203;
    const alone = randomSpd(n);
    await spdInverseInPlace(here, alone, n);
    for (const pool of threads) {
      const shared = randomSpd(n);
      await spdInverseInPlace(pool, shared, n);
      expect(shared).toEqual(alone);
    }
  });

  it("of a matrix that is not positive definite is refused", async () => {
    const a = sharedF64(4);
    a.set([1, 0, 2, 1]);
    await expect(spdInverseInPlace(here, a, 2)).rejects.toMatchObject({
      code: "NOT_POSITIVE_DEFINITE",
    });
  });
});
