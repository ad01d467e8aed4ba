import { afterEach, describe, expect, it } from "vitest";

import { createLinalgPool, type LinalgPool } from "./pool.ts";
import { sharedF64 } from "./shared.ts";

describe.each([0, 2])("pool with %i threads", (workers) => {
  let pool: LinalgPool;
  afterEach(() => pool.close());

  it("does all rows, tells how far it is, and keeps results in order", async () => {
    pool = createLinalgPool(workers);
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

  it("stops between pieces when aborted", async () => {
    pool = createLinalgPool(workers);
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
