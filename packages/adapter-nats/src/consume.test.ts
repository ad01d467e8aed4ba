import type { Delivery, Outcome } from "@signalpath/ports";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { expect, test, vi } from "vitest";

import { consume } from "./consume.ts";

/** A durable of a server that forgets requests when the connection breaks. */
function forgetfulServer() {
  const answers = new Map<number, string>();
  const requests: { push(messages: JsMsg[]): void; stop(): void }[] = [];

  function message(sequence: number): JsMsg {
    const answer = (what: string) => () => void answers.set(sequence, what);
    return {
      subject: "signals.test",
      string: () => String(sequence),
      time: new Date(0),
      info: { deliveryCount: 1, streamSequence: sequence },
      ack: answer("ack"),
      nak: answer("nak"),
      working: () => undefined,
    } as unknown as JsMsg;
  }

  const consumer = {
    async fetch() {
      let wake = () => undefined as void;
      let stopped = false;
      const arrived: JsMsg[] = [];
      const request = {
        push(messages: JsMsg[]) {
          arrived.push(...messages);
          wake();
        },
        stop() {
          stopped = true;
          wake();
        },
        async *[Symbol.asyncIterator]() {
          for (;;) {
            yield* arrived.splice(0);
            if (stopped) return;
            if (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve));
          }
        },
      };
      requests.push(request);
      return request;
    },
  } as unknown as Consumer;
  return { consumer, requests, answers, message };
}

const spec = { filter: "signals.>", durable: "d", maxBatch: 2 };

test("a connection that is back asks for messages at once: the server forgot the open request", async () => {
  const { consumer, requests, answers, message } = forgetfulServer();
  const listeners = new Set<() => void>();
  const subscription = await consume(
    async () => consumer,
    spec,
    async () => undefined,
    {
      retryPausesMs: [1],
      onError: (error) => expect.fail(String(error)),
      onReconnect(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      closeWithinMs: 60_000,
    },
  );
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  for (const listener of listeners) listener();
  await vi.waitFor(() => expect(requests).toHaveLength(2));
  requests[1]?.push([message(1)]);
  await vi.waitFor(() => expect(answers.get(1)).toBe("ack"));
  await subscription.close();
  expect(listeners.size).toBe(0);
});

test("what a handler still holds when the time is up is given back, and its late answer is not sent", async () => {
  const { consumer, requests, answers, message } = forgetfulServer();
  let finish: (outcomes: Outcome[]) => void = () => undefined;
  const began: Delivery[] = [];
  const subscription = await consume(
    async () => consumer,
    spec,
    (batch) => {
      began.push(...batch);
      return new Promise<Outcome[]>((resolve) => (finish = resolve));
    },
    {
      retryPausesMs: [1],
      onError: (error) => expect.fail(String(error)),
      onReconnect: () => () => undefined,
      closeWithinMs: 20,
    },
  );
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  requests[0]?.push([message(1), message(2), message(3)]);
  await vi.waitFor(() => expect(began).toHaveLength(2));
  await subscription.close();
  const given = Object.fromEntries(answers);
  expect(given).toEqual({ 1: "nak", 2: "nak", 3: "nak" });
  finish(["ack", "ack"]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(Object.fromEntries(answers)).toEqual(given);
});
