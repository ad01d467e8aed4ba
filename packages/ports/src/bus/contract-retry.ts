import { expect, test, vi } from "vitest";

import { open, publishNumbers, untilCount } from "./open-for-test.ts";
import type { Outcome } from "./port.ts";
import type { MakeBus } from "./under-test.ts";

export function retrying(make: MakeBus): void {
  test("a batch whose handler throws comes again, counted, until it succeeds", async () => {
    const { bus, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 3);
    const seen: string[] = [];
    const done: string[] = [];
    await bus.consume({ filter: all, durable, maxBatch: 10 }, async (batch) => {
      for (const { body, attempt } of batch) seen.push(`${body}/${attempt}`);
      if (batch.some(({ attempt }) => attempt < 4)) throw new Error("not yet");
      for (const { body } of batch) done.push(body);
    });
    await untilCount(done, 3);
    expect(done.sort()).toEqual(["1", "2", "3"]);
    for (const body of done) {
      expect(seen.filter((entry) => entry.startsWith(`${body}/`))).toEqual(
        [1, 2, 3, 4].map((attempt) => `${body}/${attempt}`),
      );
    }
  });

  test("an outcome concerns its own delivery only", async () => {
    const { bus, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 4);
    const seen: string[] = [];
    await bus.consume({ filter: all, durable }, async (batch) =>
      batch.map(({ body, attempt }): Outcome => {
        seen.push(`${body}/${attempt}`);
        return body === "2" && attempt < 3 ? { retryInMs: 10 } : "ack";
      }),
    );
    await untilCount(seen, 6);
    await vi.waitFor(async () => {
      expect(await bus.lag(durable, all)).toEqual({ pending: 0, ackPending: 0 });
    });
    expect(seen.sort()).toEqual(["1/1", "2/1", "2/2", "2/3", "3/1", "4/1"]);
  });

  test("a message that waits for its retry does not hold up its neighbours", async () => {
    const { bus, all, durable, of } = await open(make);
    const seen: string[] = [];
    await bus.consume({ filter: all, durable, maxBatch: 1 }, async ([delivery]) => {
      seen.push(delivery?.body ?? "");
      return [delivery?.body === "1" ? { retryInMs: 3_600_000 } : "ack"];
    });
    await publishNumbers(bus, of("a"), 20);
    await untilCount(seen, 20);
    await vi.waitFor(async () => {
      expect(await bus.lag(durable, all)).toEqual({ pending: 0, ackPending: 1 });
    });
  });

  test("another number of outcomes than deliveries counts as a failure", async () => {
    const { bus, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 1);
    const attempts: number[] = [];
    await bus.consume({ filter: all, durable }, async (batch) => {
      attempts.push(...batch.map(({ attempt }) => attempt));
      return attempts.length < 2 ? [] : ["ack"];
    });
    await untilCount(attempts, 2);
    expect(attempts).toEqual([1, 2]);
  });

  test("attempts are counted by the bus, not by the consumer", async () => {
    const { bus, replica, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 1);
    const attempts: number[] = [];
    const first = await bus.consume({ filter: all, durable }, async (batch) => {
      attempts.push(...batch.map(({ attempt }) => attempt));
      return [{ retryInMs: 100 }];
    });
    await untilCount(attempts, 1);
    await first.close();
    await replica.consume({ filter: all, durable }, async (batch) => {
      attempts.push(...batch.map(({ attempt }) => attempt));
    });
    await untilCount(attempts, 2);
    expect(attempts).toEqual([1, 2]);
  });
}
