import { afterEach, describe, expect, it } from "vitest";

import { createWorkerPool, type WorkerPool } from "./pool.ts";
import { sharedF64 } from "./shared.ts";

describe.each([0, 2])("pool with %i threads", (workers) => {
  let pool: WorkerPool;
  afterEach(() => pool.close());

  it("rejects with the code of what a piece threw, and works on", async () => {
    pool = createWorkerPool(workers);
    const args = {
      matrix: {
        indptr: Uint32Array.of(0, 0),
        indices: new Uint32Array(),
        values: new Float32Array(),
      },
      vectors: new Float32Array(1),
      base: Float64Array.of(-1),
      ridges: new Float64Array(1),
      d: 1,
      out: new Float32Array(1),
    };
    await expect(pool.run("ridgeRows", args, 1, { chunk: 1 })).rejects.toMatchObject({
      name: "LinalgError",
      code: "NOT_POSITIVE_DEFINITE",
    });
    await expect(
      pool.run("sweepFinish", { a: sharedF64(1), n: 1 }, 1, { chunk: 1 }),
    ).resolves.toHaveLength(1);
  });
});
