import type { Delivery } from "@signalpath/ports";
import { createManualClock } from "@signalpath/ports";
import { expect, test } from "vitest";

import { createBacklog } from "./backlog.ts";

const none = { pending: 0, ackPending: 0 };

function delivery(publishedAtMs: number): Delivery {
  return { subject: "s", body: "", headers: {}, publishedAtMs, attempt: 1, sequence: 1 };
}

test("what a handler holds is as old as its message, of each consumer by itself", async () => {
  const clock = createManualClock();
  const backlog = createBacklog(clock.now);
  let finish = () => {};
  const held = new Promise<void>((resolve) => (finish = resolve));
  const batch = [delivery(clock.now() - 3_000), delivery(clock.now() - 9_000)];
  const work = backlog.track("a", batch, () => held);
  expect(backlog.oldestAgeSeconds("a", { pending: 0, ackPending: 2 })).toBe(9);
  expect(backlog.oldestAgeSeconds("b", { pending: 1, ackPending: 0 })).toBe(0);
  finish();
  await work;
  expect(backlog.oldestAgeSeconds("a", none)).toBe(0);
});

test("what waits elsewhere grows older until nothing is left", async () => {
  const clock = createManualClock();
  const backlog = createBacklog(clock.now);
  const behind = { pending: 5, ackPending: 0 };
  expect(backlog.oldestAgeSeconds("a", behind)).toBe(0);
  clock.advance(20_000);
  expect(backlog.oldestAgeSeconds("a", behind)).toBe(20);
  expect(backlog.oldestAgeSeconds("a", none)).toBe(0);
  clock.advance(5_000);
  expect(backlog.oldestAgeSeconds("a", behind)).toBe(0);
});

test("a handler that throws holds nothing any more", async () => {
  const clock = createManualClock();
  const backlog = createBacklog(clock.now);
  const batch = [delivery(clock.now() - 9_000)];
  await expect(backlog.track("a", batch, () => Promise.reject(new Error("no")))).rejects.toThrow(
    "no",
  );
  expect(backlog.oldestAgeSeconds("a", { pending: 1, ackPending: 0 })).toBe(0);
});
