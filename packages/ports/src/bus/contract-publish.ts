import { expect, test } from "vitest";

import { RefusedError } from "../errors.ts";
import { open, publishNumbers, untilCount } from "./open-for-test.ts";
import type { Delivery } from "./port.ts";
import { bodiesOf, type MakeBus } from "./under-test.ts";

export function publishing(make: MakeBus): void {
  test("what is published is delivered as it was", async () => {
    const { bus, all, durable, of } = await open(make);
    const subject = of("a.b");
    const payload = { text: 'träume "\u{1F4A3}"\n', list: [1, null], deep: { __x: 0.1 } };
    const headers = { traceparent: "00-abc-def-01" };
    expect(await bus.publish(subject, payload, { id: "one", headers })).toEqual({
      duplicate: false,
    });
    const got: Delivery[] = [];
    await bus.consume({ filter: all, durable }, async (batch) => void got.push(...batch));
    await untilCount(got, 1);
    expect(got[0]).toMatchObject({ subject: subject.name, attempt: 1, headers });
    expect(bodiesOf(got)).toEqual([payload]);
    expect(got[0]?.publishedAtMs).toBeGreaterThan(Date.UTC(2020, 0));
    await bus.check();
  });

  test("an id that was stored before is a duplicate, whatever else differs", async () => {
    const { bus, replica, all, durable, of } = await open(make);
    const id = `${durable}:1`;
    expect(await bus.publish(of("a"), 1, { id })).toEqual({ duplicate: false });
    expect(await replica.publish(of("b"), 2, { id })).toEqual({ duplicate: true });
    expect(await bus.publish(of("a"), 1)).toEqual({ duplicate: false });
    const got: Delivery[] = [];
    await bus.consume({ filter: all, durable }, async (batch) => void got.push(...batch));
    await bus.publish(of("end"), "end");
    await untilCount(got, 3);
    expect(bodiesOf(got)).toEqual([1, 1, "end"]);
  });

  test("the same id published at once is stored once", async () => {
    const { bus, durable, of } = await open(make);
    const same = Array.from({ length: 10 }, () => bus.publish(of("a"), 1, { id: durable }));
    const acks = await Promise.all(same);
    expect(acks.filter((ack) => !ack.duplicate)).toHaveLength(1);
  });

  test("sequences rise in the order of publishing", async () => {
    const { bus, all, durable, of } = await open(make);
    await publishNumbers(bus, of("a"), 20);
    const got: Delivery[] = [];
    await bus.consume({ filter: all, durable }, async (batch) => void got.push(...batch));
    await untilCount(got, 20);
    expect(bodiesOf(got)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const sequences = got.map((delivery) => delivery.sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  test("many at once are all stored", async () => {
    const { bus, all, durable, of } = await open(make);
    const numbers = Array.from({ length: 2_000 }, (_, i) => i);
    await Promise.all(numbers.map((n) => bus.publish(of(`s${n % 7}`), n)));
    expect(await bus.lag(durable, all)).toBeUndefined();
    const got: Delivery[] = [];
    await bus.consume({ filter: all, durable }, async (batch) => void got.push(...batch));
    await untilCount(got, 2_000);
    expect(new Set(bodiesOf(got))).toEqual(new Set(numbers));
  });

  test("refuses what no stream holds, bad subjects and bad ids", async () => {
    const { bus, of } = await open(make);
    const bad = ["nowhere.a", "signals", "signals.a b", "signals.*", "signals.>", "signals..a"];
    for (const name of bad) {
      await expect(bus.publish({ ...of("a"), name }, 1)).rejects.toThrow(RefusedError);
    }
    for (const id of ["", "a b", "x".repeat(101), "a\r\nb"]) {
      await expect(bus.publish(of("a"), 1, { id })).rejects.toThrow(RefusedError);
    }
    const huge = "x".repeat(2 * 1024 * 1024);
    await expect(bus.publish(of("a"), huge)).rejects.toThrow(RefusedError);
    await expect(bus.publish(of("a"), undefined)).rejects.toThrow(RefusedError);
  });
}
