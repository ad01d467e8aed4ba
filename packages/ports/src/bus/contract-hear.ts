import { topics, type Topic } from "@signalpath/contracts";
import { expect, test } from "vitest";

import { open, untilCount } from "./open-for-test.ts";
import type { Delivery } from "./port.ts";
import { bodiesOf, type MakeBus } from "./under-test.ts";

export function hearing(make: MakeBus): void {
  test("every listener hears everything from now on", async () => {
    const { bus, replica, all, of } = await open(make);
    await bus.publish(of("a"), "before");
    const heard: Delivery[][] = [[], [], []];
    const [here, there, narrow] = heard as [Delivery[], Delivery[], Delivery[]];
    await bus.hear(all, (message) => void here.push(message));
    await replica.hear(all, (message) => void there.push(message));
    await bus.hear(of("*.c").name, (message) => void narrow.push(message));
    for (const name of ["a", "b.c", "b.d"]) {
      await replica.publish(of(name), name, { headers: { traceparent: name } });
    }
    await untilCount(here, 3);
    await untilCount(there, 3);
    await untilCount(narrow, 1);
    expect(bodiesOf(here)).toEqual(["a", "b.c", "b.d"]);
    expect(bodiesOf(there)).toEqual(["a", "b.c", "b.d"]);
    expect(bodiesOf(narrow)).toEqual(["b.c"]);
    const headers = { traceparent: "b.c" };
    expect(narrow[0]).toMatchObject({ subject: of("b.c").name, attempt: 1, headers });
  });

  test("what is told reaches all that hear, is stored by nobody and never throws", async () => {
    const { bus, replica } = await open(make);
    const heard: string[][] = [[], []];
    const [here, there] = heard as [string[], string[]];
    const name = `live.suite-${Math.random().toString(36).slice(2)}`;
    const topic = { ...topics.services, name } as Topic;
    await bus.hear(name, ({ body }) => void here.push(body));
    await replica.hear(name, ({ body }) => void there.push(body));
    expect(bus.tell(topic, { n: 1 })).toBe(true);
    await untilCount(here, 1);
    await untilCount(there, 1);
    expect(heard).toEqual([['{"n":1}'], ['{"n":1}']]);
    expect(bus.tell({ ...topic, name: "signals.tip.served" }, {})).toBe(false);
    expect(bus.tell(topic, undefined)).toBe(false);
    expect(bus.tell(topic, "x".repeat(2 * 1024 * 1024))).toBe(false);
    await bus.close();
    expect(bus.tell(topic, {})).toBe(false);
  });

  test("a listener that throws misses nothing and stops nobody", async () => {
    const { bus, all, of } = await open(make);
    const heard: string[] = [];
    await bus.hear(all, ({ body }) => {
      heard.push(`bad ${body}`);
      throw new Error("listener failed on purpose");
    });
    await bus.hear(all, ({ body }) => void heard.push(`good ${body}`));
    for (const n of [1, 2]) await bus.publish(of("a"), n);
    await untilCount(heard, 4);
    expect(heard.sort()).toEqual(["bad 1", "bad 2", "good 1", "good 2"]);
  });

  test("a closed subscription hears nothing more", async () => {
    const { bus, all, of } = await open(make);
    const heard: string[] = [];
    const other: string[] = [];
    const subscription = await bus.hear(all, ({ body }) => void heard.push(body));
    await bus.hear(all, ({ body }) => void other.push(body));
    await bus.publish(of("a"), 1);
    await untilCount(heard, 1);
    await subscription.close();
    await bus.publish(of("a"), 2);
    await untilCount(other, 2);
    expect(heard).toEqual(["1"]);
    expect(bus.onReconnect(() => undefined)()).toBeUndefined();
  });
}
