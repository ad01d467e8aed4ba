import { setTimeout as sleep } from "node:timers/promises";

import { expect, test, vi } from "vitest";

import { RefusedError } from "../errors.ts";
import { numbersOf, open, publishNumbers, untilCount } from "./open-for-test.ts";
import type { Delivery } from "./port.ts";
import { bodiesOf, type MakeBus } from "./under-test.ts";

export function consuming(make: MakeBus): void {
  test("a new durable starts at the oldest message, one that is back where it was", async () => {
    const { bus, replica, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 5);
    const first: Delivery[] = [];
    const handler = async (batch: readonly Delivery[]) => void first.push(...batch);
    const subscription = await bus.consume({ filter: all, durable }, handler);
    await untilCount(first, 5);
    await subscription.close();
    await vi.waitFor(async () => {
      expect(await bus.lag(durable, all)).toEqual({ pending: 0, ackPending: 0 });
    });
    await bus.publish(of("a"), 6);
    await sleep(50);
    const second: Delivery[] = [];
    await replica.consume({ filter: all, durable }, async (batch) => void second.push(...batch));
    await untilCount(second, 1);
    expect(numbersOf(first)).toEqual([1, 2, 3, 4, 5]);
    expect(numbersOf(second)).toEqual([6]);
  });

  test("replicas share a durable, other durables get everything too", async () => {
    const { bus, replica, all, durable, of } = await open(make);
    const shared: Delivery[] = [];
    const other: Delivery[] = [];
    const share = async (batch: readonly Delivery[]) => {
      await sleep(2);
      shared.push(...batch);
    };
    const spec = { filter: all, durable, maxBatch: 5 };
    await bus.consume(spec, share);
    await replica.consume(spec, share);
    await bus.consume({ filter: all, durable: `${durable}-2` }, async (batch) => {
      other.push(...batch);
    });
    await publishNumbers(bus, of("a"), 100);
    await untilCount(shared, 100);
    await untilCount(other, 100);
    const expected = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(numbersOf(shared).sort((a, b) => a - b)).toEqual(expected);
    expect(numbersOf(other)).toEqual(expected);
  });

  test("* is one token, > is the rest", async () => {
    const { bus, all, durable, of } = await open(make);
    const got: Record<string, unknown[]> = { star: [], rest: [], exact: [] };
    const filters = { star: of("*.b").name, rest: of("a.>").name, exact: of("a.b").name };
    for (const [name, filter] of Object.entries(filters)) {
      await bus.consume({ filter, durable: `${durable}-${name}` }, async (batch) => {
        got[name]?.push(...bodiesOf(batch));
      });
    }
    const end: Delivery[] = [];
    for (const name of ["a", "a.b", "x.b", "a.b.c", "a.c", "x.b.c"]) {
      await bus.publish(of(name), name);
    }
    await bus.consume({ filter: all, durable }, async (batch) => void end.push(...batch));
    await untilCount(end, 6);
    await vi.waitFor(() => {
      expect(got).toEqual({
        star: ["a.b", "x.b"],
        rest: ["a.b", "a.b.c", "a.c"],
        exact: ["a.b"],
      });
    });
  });

  test("no batch is larger and no more handlers run than asked for", async () => {
    const { bus, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 60);
    const sizes: number[] = [];
    const got: Delivery[] = [];
    let running = 0;
    let most = 0;
    await bus.consume({ filter: all, durable, maxBatch: 7, concurrency: 3 }, async (batch) => {
      most = Math.max(most, ++running);
      sizes.push(batch.length);
      await sleep(10);
      got.push(...batch);
      running--;
    });
    await untilCount(got, 60);
    expect(Math.max(...sizes)).toBe(7);
    expect(most).toBe(3);
  });

  test("a batch is not waited for: one message is handed over alone", async () => {
    const { bus, all, durable, of } = await open(make);
    const sizes: number[] = [];
    await bus.consume({ filter: all, durable, maxBatch: 1_000 }, async (batch) => {
      sizes.push(batch.length);
    });
    for (let n = 1; n <= 3; n++) {
      await bus.publish(of("a"), n);
      await untilCount(sizes, n);
    }
    expect(sizes).toEqual([1, 1, 1]);
  });

  test("a handler slower than the acknowledgement wait is not run twice", async () => {
    const { bus, replica, all, durable, of } = await open(make);
    const got: Delivery[] = [];
    const handler = async (batch: readonly Delivery[]) => {
      got.push(...batch);
      await sleep(2_500);
    };
    const spec = { filter: all, durable, ackWaitMs: 1_000, maxBatch: 1 };
    await bus.consume(spec, handler);
    await replica.consume(spec, handler);
    await publishNumbers(bus, of("a"), 4);
    await untilCount(got, 4);
    await vi.waitFor(
      async () => expect(await bus.lag(durable, all)).toEqual({ pending: 0, ackPending: 0 }),
      { timeout: 20_000 },
    );
    expect(numbersOf(got).sort((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });

  test("lag counts what is not delivered and what is not acknowledged", async () => {
    const { bus, all, durable, of } = await open(make);
    expect(await bus.lag(durable, all)).toBeUndefined();
    await publishNumbers(bus, of("a"), 9);
    let release = () => undefined as void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const got: Delivery[] = [];
    const subscription = await bus.consume({ filter: all, durable, maxBatch: 2 }, async (batch) => {
      got.push(...batch);
      await held;
    });
    await untilCount(got, 1);
    const lag = await bus.lag(durable, all);
    expect((lag?.pending ?? 0) + (lag?.ackPending ?? 0)).toBe(9);
    expect(lag?.ackPending).toBeGreaterThan(0);
    release();
    await untilCount(got, 9);
    await vi.waitFor(async () => {
      expect(await bus.lag(durable, all)).toEqual({ pending: 0, ackPending: 0 });
    });
    await subscription.close();
  });

  test("refuses a filter that no stream holds, a bad name, another filter", async () => {
    const { bus, all, durable, of } = await open(make);
    const handler = async () => undefined;
    for (const spec of [
      { filter: "nowhere.>", durable },
      { filter: all, durable: "a.b" },
      { filter: all, durable: "" },
    ]) {
      await expect(bus.consume(spec, handler)).rejects.toThrow(RefusedError);
    }
    await bus.consume({ filter: all, durable }, handler);
    const other = { filter: of("a").name, durable };
    await expect(bus.consume(other, handler)).rejects.toThrow(RefusedError);
  });
}
