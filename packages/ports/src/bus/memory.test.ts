import { describe, expect, test, vi } from "vitest";

import { createManualClock } from "../clock/memory.ts";
import { BusFullError, RefusedError } from "../errors.ts";
import { busContract } from "./contract.ts";
import { streamOf, subjectMatches } from "./match.ts";
import { createMemoryBus } from "./memory.ts";
import { untilCount } from "./open-for-test.ts";
import { retryPauseMs } from "./rules.ts";
import { ownSubjects } from "./under-test.ts";

describe("memory bus", () => {
  busContract(async ({ retryPausesMs }) => {
    const { now } = createManualClock();
    const bus = createMemoryBus({ now, retryPausesMs, onError: () => undefined });
    return { bus, replica: bus, close: () => bus.close() };
  });
});

test("subjects match token by token", () => {
  const yes = [
    ["a.b", "a.b"],
    ["a.*", "a.b"],
    ["a.>", "a.b"],
    ["a.>", "a.b.c"],
    [">", "a"],
    ["*.*", "a.b"],
    ["a.>", "a.*"],
    ["a.>", "a.>"],
  ];
  const no = [
    ["a.b", "a"],
    ["a", "a.b"],
    ["a.*", "a"],
    ["a.*", "a.b.c"],
    ["a.>", "a"],
    ["a.*", "a.>"],
    ["a.b", "a.*"],
    ["a.>.c", "a.b.c"],
  ];
  for (const [filter = "", subject = ""] of yes) expect(subjectMatches(filter, subject)).toBe(true);
  for (const [filter = "", subject = ""] of no) expect(subjectMatches(filter, subject)).toBe(false);
  expect(streamOf("signals.tip.*")).toBe("SIGNALS");
  expect(streamOf("users.erased")).toBe("EVENTS");
  expect(() => streamOf(">")).toThrow(RefusedError);
});

test("pauses grow, then stay", () => {
  const pauses = [1, 2, 3, 4, 5, 100].map((attempt) => retryPauseMs(attempt));
  expect(pauses).toEqual([1_000, 5_000, 30_000, 120_000, 120_000, 120_000]);
});

test("ids are remembered for the duplicate window of their stream", async () => {
  const clock = createManualClock();
  const bus = createMemoryBus({ now: clock.now });
  const subject = ownSubjects().of("a");
  await bus.publish(subject, 1, { id: "x" });
  clock.advance(10 * 60_000 - 1);
  expect(await bus.publish(subject, 1, { id: "x" })).toEqual({ duplicate: true });
  clock.advance(1);
  expect(await bus.publish(subject, 1, { id: "x" })).toEqual({ duplicate: false });
});

test("messages age out", async () => {
  const clock = createManualClock();
  const bus = createMemoryBus({ now: clock.now });
  const { of, all, durable } = ownSubjects();
  await bus.publish(of("a"), "old");
  clock.advance(7 * 24 * 3_600_000);
  await bus.publish(of("a"), "new");
  const got: string[] = [];
  await bus.consume({ filter: all, durable }, async (batch) => {
    got.push(...batch.map(({ body }) => body));
  });
  await untilCount(got, 1);
  expect(got).toEqual(['"new"']);
});

test("a full SIGNALS refuses until its consumers catch up, and forgets what all finished", async () => {
  const { now } = createManualClock();
  const bus = createMemoryBus({ now, maxMessages: 10 });
  const { of, all, durable } = ownSubjects();
  for (let n = 0; n < 10; n++) await bus.publish(of("a"), n);
  await expect(bus.publish(of("a"), 10)).rejects.toThrow(BusFullError);
  const got: string[] = [];
  await bus.consume({ filter: all, durable }, async (batch) => {
    got.push(...batch.map(({ body }) => body));
  });
  await vi.waitFor(async () => expect(await bus.lag(durable, all)).toMatchObject({ pending: 0 }));
  for (let n = 10; n < 40; n++) {
    await vi.waitFor(() => bus.publish(of("a"), n), { interval: 5 });
  }
  await untilCount(got, 40);
  expect(got.map(Number)).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

test("a full stream that discards old drops its oldest", async () => {
  const { now } = createManualClock();
  const bus = createMemoryBus({ now, maxMessages: 10 });
  const subject = { ...ownSubjects().of("a"), name: "content.changed" };
  for (let n = 0; n < 15; n++) await bus.publish(subject, n);
  const got: string[] = [];
  await bus.consume({ filter: "content.*", durable: "d" }, async (batch) => {
    got.push(...batch.map(({ body }) => body));
  });
  await untilCount(got, 10);
  expect(got.map(Number)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
});
