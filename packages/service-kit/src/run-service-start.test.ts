import { UnavailableError } from "@signalpath/ports";
import { expect, test } from "vitest";

import { createLogger } from "./logger.ts";
import { startWithin } from "./run-service-start.ts";

function world(withinMs: number) {
  const lines: string[] = [];
  const logger = createLogger({
    service: "test",
    level: "warn",
    write: (line) => lines.push(line),
  });
  let attempts = 0;
  return {
    lines,
    attempts: () => attempts,
    start: (failure: (attempt: number) => Error | undefined, isAsked = () => false) =>
      startWithin(
        async () => {
          const error = failure(++attempts);
          if (error !== undefined) throw error;
        },
        { logger, isAsked, withinMs, pauseMs: 1 },
      ),
  };
}

const away = () => new UnavailableError("redis", "Ready check failed: Command timed out");

test("a dependency that is slow to come is waited for, with a line for each attempt", async () => {
  const { start, lines } = world(60_000);
  await start((attempt) => (attempt < 4 ? away() : undefined));
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/redis.*Command timed out.*tried again/);
});

test("one that never comes fails the start after a bounded time with its own error", async () => {
  const { start, attempts } = world(40);
  await expect(start(away)).rejects.toThrow(UnavailableError);
  expect(attempts()).toBeGreaterThan(1);
});

test("any other failure is not repeated, nor is one after the process was asked to end", async () => {
  const refused = world(60_000);
  await expect(refused.start(() => new Error("no tables"))).rejects.toThrow("no tables");
  const asked = world(60_000);
  await expect(asked.start(away, () => true)).rejects.toThrow(UnavailableError);
  expect([refused.attempts(), asked.attempts()]).toEqual([1, 1]);
});

test("a process that is asked to end while it pauses begins no further attempt", async () => {
  const { start, attempts } = world(60_000);
  let asks = 0;
  await expect(start(away, () => ++asks > 1)).rejects.toThrow(UnavailableError);
  expect(attempts()).toBe(1);
});
