import { afterAll, describe, expect, it } from "vitest";

import { createLinalgPool } from "./pool/pool.ts";
import { sharedF64 } from "./pool/shared.ts";
import { spdInverse } from "./spd-inverse.ts";

/** Numbers in [0, 1) from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

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
  const here = createLinalgPool(0);
  const threads = [1, 2].map((workers) => createLinalgPool(workers));
  afterAll(async () => {
    for (const pool of threads) await pool.close();
  });

  it.each([1, 2, 3, 5, 63, 64, 65, 67, 130, 200])("of %i rows times the matrix is 1", async (n) => {
    const a = randomSpd(n);
    const inverse = sharedF64(n * n);
    inverse.set(a);
    // Only the lower triangle is read.
    for (let i = 0; i < n; i++) inverse.fill(Number.NaN, i * n + i + 1, (i + 1) * n);
    await spdInverse(here, inverse, n);
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
    const n = 303;
    const alone = randomSpd(n);
    await spdInverse(here, alone, n);
    for (const pool of threads) {
      const shared = randomSpd(n);
      await spdInverse(pool, shared, n);
      expect(shared).toEqual(alone);
    }
  });

  it.each([65, 203])("of %i rows has the bits of the plain twin", async (n) => {
    const fast = randomSpd(n);
    const plain = randomSpd(n);
    await spdInverse(here, fast, n);
    await spdInverse(here, plain, n, { arithmetic: "plain" });
    expect(fast).toEqual(plain);
  });

  it("of a matrix that is not positive definite is refused", async () => {
    const a = sharedF64(4);
    a.set([1, 0, 2, 1]);
    await expect(spdInverse(here, a, 2)).rejects.toMatchObject({
      code: "NOT_POSITIVE_DEFINITE",
    });
  });
});
