import { setTimeout as sleep } from "node:timers/promises";

import { expect, test, vi } from "vitest";

import { UnavailableError } from "../errors.ts";
import { open, publishNumbers, untilCount } from "./open-for-test.ts";
import type { MakeBus } from "./under-test.ts";

export function closing(make: MakeBus): void {
  test("a subscription that closes waits for its handler and takes nothing new", async () => {
    const { bus, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 10);
    const events: string[] = [];
    const subscription = await bus.consume({ filter: all, durable, maxBatch: 2 }, async (batch) => {
      events.push(`start ${batch.length}`);
      await sleep(100);
      events.push("end");
    });
    await untilCount(events, 1);
    await subscription.close();
    const after = [...events];
    expect(after.filter((event) => event === "end")).toHaveLength(after.length / 2);
    expect(after.length).toBeLessThan(10);
    await sleep(150);
    expect(events).toEqual(after);
  });

  test("what a closed member held and did not handle goes to the others", async () => {
    const { bus, replica, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 50);
    const done: string[] = [];
    const handler = async (batch: readonly { body: string }[]) => {
      await sleep(5);
      done.push(...batch.map(({ body }) => body));
    };
    // Nobody waits for this: what was on its way to the closing member is given back by it.
    const spec = { filter: all, durable, ackWaitMs: 60_000 };
    const first = await bus.consume({ ...spec, maxBatch: 3 }, handler);
    await untilCount(done, 3);
    await first.close();
    await replica.consume({ ...spec, maxBatch: 50 }, handler);
    await vi.waitFor(() => expect(new Set(done).size).toBe(50), { timeout: 30_000 });
    await vi.waitFor(
      async () => {
        expect(await replica.lag(durable, all)).toEqual({ pending: 0, ackPending: 0 });
      },
      { timeout: 30_000 },
    );
    expect(done).toHaveLength(50);
  });

  test("closing the bus finishes what is in the handlers, then nothing works", async () => {
    const { bus, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 1);
    const events: string[] = [];
    await bus.consume({ filter: all, durable }, async () => {
      events.push("start");
      await sleep(100);
      events.push("end");
    });
    await untilCount(events, 1);
    await bus.close();
    expect(events).toEqual(["start", "end"]);
    await expect(bus.publish(of("a"), 2)).rejects.toThrow(UnavailableError);
    await expect(bus.check()).rejects.toThrow(UnavailableError);
    const late = bus.consume({ filter: all, durable }, async () => undefined);
    await expect(late).rejects.toThrow(UnavailableError);
    await expect(bus.hear(all, () => undefined)).rejects.toThrow(UnavailableError);
  });
}
