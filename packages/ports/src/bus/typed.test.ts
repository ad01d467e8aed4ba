import { deadLettersOf, subjects, type UserRefreshRequested } from "@signalpath/contracts";
import { describe, expect, it, vi } from "vitest";

import { createManualClock } from "../clock/memory.ts";
import { createMemoryBus } from "./memory.ts";
import type { Bus } from "./port.ts";
import { consumeTyped } from "./typed.ts";

const request = (user_id: string): UserRefreshRequested => ({
  project_id: 1,
  user_id,
  reason: "stale",
});

/** A bus whose retries do not wait, and the dead letters of the app `mailer`. */
async function setUp(): Promise<{ bus: Bus; letters: Record<string, unknown>[] }> {
  const bus = createMemoryBus({
    now: createManualClock().now,
    retryPausesMs: [1],
    onError: () => undefined,
  });
  const letters: Record<string, unknown>[] = [];
  await bus.hear(deadLettersOf("mailer").name, (message) => {
    letters.push(JSON.parse(message.body) as Record<string, unknown>);
  });
  return { bus, letters };
}

describe("consumeTyped", () => {
  it("hands over what fits the schema and puts aside what does not", async () => {
    const { bus, letters } = await setUp();
    const got: string[] = [];
    const consumer = { app: "mailer", durable: "mailer" };
    await consumeTyped(bus, subjects.userRefreshRequested, consumer, async (payload) => {
      got.push(payload.user_id);
    });
    const untyped = subjects.userRefreshRequested as unknown as typeof subjects.keyRevoked;
    await bus.publish(subjects.userRefreshRequested, request("a"));
    await bus.publish(untyped, { project_id: 1, key_id: 2 });
    await bus.publish(subjects.userRefreshRequested, request("b"));
    await vi.waitFor(() => expect(got).toEqual(["a", "b"]));
    await bus.close();
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ code: "INVALID_EVENT", project_id: 1 });
    expect(letters[0]?.["detail"]).toContain("user_id");
  });

  it("puts a message aside after its last attempt, with its cause and its original", async () => {
    const { bus, letters } = await setUp();
    let attempts = 0;
    const consumer = { app: "mailer", durable: "mailer", maxAttempts: 1 };
    await consumeTyped(bus, subjects.userRefreshRequested, consumer, async () => {
      attempts++;
      throw new Error("no such mailbox");
    });
    await bus.publish(subjects.userRefreshRequested, request("a"));
    await vi.waitFor(() => expect(letters).toHaveLength(1));
    expect(attempts).toBe(1);
    expect(letters[0]).toMatchObject({
      app: "mailer",
      code: "HANDLER_FAILED",
      detail: "no such mailbox",
      project_id: 1,
      truncated: false,
    });
    expect(JSON.parse(String(letters[0]?.["body"]))).toEqual(request("a"));
    await bus.close();
  });

  it("puts a message aside within its trace, and hands on no other header", async () => {
    const { bus } = await setUp();
    const heard: Record<string, string>[] = [];
    const name = deadLettersOf("mailer").name;
    await bus.hear(name, (message) => void heard.push({ ...message.headers }));
    const consumer = { app: "mailer", durable: "mailer", maxAttempts: 1 };
    await consumeTyped(bus, subjects.userRefreshRequested, consumer, async () => {
      throw new Error("no such mailbox");
    });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const sent = { headers: { traceparent, tracestate: "a=b", "x-own": "1" } };
    await bus.publish(subjects.userRefreshRequested, request("a"), sent);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ traceparent, tracestate: "a=b" });
    expect(heard[0]).not.toHaveProperty("x-own");
    await bus.close();
  });

  it("tries again before it gives up", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { bus, letters } = await setUp();
      const attempts: number[] = [];
      const consumer = { app: "mailer", durable: "mailer" };
      await consumeTyped(
        bus,
        subjects.userRefreshRequested,
        consumer,
        async (_payload, { attempt }) => {
          attempts.push(attempt);
          if (attempt < 3) throw new Error("not yet");
        },
      );
      await bus.publish(subjects.userRefreshRequested, request("a"));
      await vi.advanceTimersByTimeAsync(10_000);
      expect(attempts).toEqual([1, 2, 3]);
      expect(letters).toEqual([]);
      await bus.close();
    } finally {
      vi.useRealTimers();
    }
  });
});
