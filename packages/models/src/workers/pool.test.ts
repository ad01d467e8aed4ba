import { afterEach, describe, expect, it } from "vitest";

import { createWorkerPool, type WorkerPool } from "./pool.ts";
import { sharedF64 } from "./shared.ts";

describe.each([0, 2])("pool with %i threads", (workers) => {
  let pool: WorkerPool;
  afterEach(() => pool.close());

  it("does all rows, tells how far it is, and keeps results in order", async () => {
    pool = createWorkerPool(workers);
    const a = sharedF64(100);
    a.set(Array.from({ length: 100 }, (_, at) => at));
    const heard: number[] = [];
    const onFraction = (fraction: number) => heard.push(fraction);
    const results = await pool.run("sweepFinish", { a, n: 10 }, 10, { chunk: 3, onFraction });
    expect(results).toHaveLength(4);
    expect([a[10], a[99]]).toEqual([-10, -99]);
    expect(heard.at(-1)).toBe(1);
    expect(heard).toEqual([...heard].sort((x, y) => x - y));
  });

  it("rejects with the code of what a piece threw, and works on", async () => {
    pool = createWorkerPool(workers);
    const args = {
      matrix: {
        indptr: Uint32Array.of(0, 0),
        indices: new Uint32Array(),
        values: new Float32Array(),
      },
      other: new Float32Array(1),
      gram: Float64Array.of(-1),
      others: 1,
      factors: 1,
      out: new Float32Array(1),
      alpha: 1,
      reg: 0,
      nu: 1,
    };
    await expect(pool.run("alsRows", args, 1, { chunk: 1 })).rejects.toMatchObject({
      name: "ModelError",
      code: "NOT_POSITIVE_DEFINITE",
    });
    await expect(
      pool.run("sweepFinish", { a: sharedF64(1), n: 1 }, 1, { chunk: 1 }),
    ).resolves.toHaveLength(1);
  });

  it("stops between pieces when aborted", async () => {
    pool = createWorkerPool(workers);
    const stop = new AbortController();
    const a = sharedF64(100).fill(1);
    const running = pool.run("sweepFinish", { a, n: 10 }, 10, {
      chunk: 1,
      signal: stop.signal,
      onFraction: () => stop.abort(new Error("enough")),
    });
    await expect(running).rejects.toThrow("enough");
    expect(a.includes(1)).toBe(true);
    expect(a.includes(-1)).toBe(true);
  });
});
