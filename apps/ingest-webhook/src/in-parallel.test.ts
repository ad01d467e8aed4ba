import { describe, expect, it } from "vitest";

import { inParallel } from "./in-parallel.ts";

describe("inParallel", () => {
  it("answers in the order of the inputs, never wider than it may", async () => {
    let running = 0;
    let widest = 0;
    const results = await inParallel([5, 3, 1, 4, 2, 0], 2, async (turns) => {
      widest = Math.max(widest, ++running);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      running--;
      return turns * 10;
    });
    expect(results).toEqual([50, 30, 10, 40, 20, 0]);
    expect(widest).toBe(2);
    expect(await inParallel([], 4, async () => 1)).toEqual([]);
  });

  it("starts nothing new after a failure and waits for what runs", async () => {
    const started: number[] = [];
    const ended: number[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const all = inParallel([1, 2, 3, 4], 2, async (n) => {
      started.push(n);
      if (n === 1) throw new Error("first");
      await held;
      ended.push(n);
      throw new Error("second");
    });
    setImmediate(release);
    await expect(all).rejects.toThrow("first");
    expect([started, ended]).toEqual([[1, 2], [2]]);
  });
});
