import {
  DEFAULT_ACK_WAIT_MS,
  DEFAULT_MAX_BATCH,
  outcomesOf,
  retryPauseMs,
  type BatchHandler,
  type ConsumeSpec,
  type Outcome,
  type Subscription,
} from "@signalpath/ports";
import type { Consumer, ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import type { Subscription as Subscribed } from "@nats-io/transport-node";

import { toDelivery } from "./delivery.ts";

/** Milliseconds one request for messages stays open at the server. */
const REQUEST_MS = 30_000;
/** The server says this often that it is there; twice nothing = ask again, milliseconds. */
const HEARTBEAT_MS = 2_000;
/** Pause after a request that failed, milliseconds. */
const FAILED_PAUSE_MS = 250;
/** The server has this long to confirm the end of a request, milliseconds. */
const DRAIN_MS = 1_000;

export interface ConsumeSettings {
  retryPausesMs: readonly number[];
  /** A handler or a request failed; both are tried again. */
  onError: (error: unknown, where: string) => void;
  /** The connection is back: the server knows nothing of requests from before. */
  onReconnect: (listener: () => void) => () => void;
  /** Handlers get this long at close, milliseconds; what they still hold then is given back. */
  closeWithinMs: number;
}

/**
 * Pulls messages and hands over what is there, without waiting for a batch to fill.
 * At most one batch more than the handlers work on is held, and the server is told before
 * `ackWaitMs` ends that held messages are being worked on: only what was lost comes again.
 *
 * @param open finds or creates the durable; called again after each failure
 */
export async function consume(
  open: () => Promise<Consumer>,
  spec: ConsumeSpec,
  handler: BatchHandler,
  { retryPausesMs, onError, onReconnect, closeWithinMs }: ConsumeSettings,
): Promise<Subscription> {
  const { maxBatch = DEFAULT_MAX_BATCH, concurrency = 1 } = spec;
  const { ackWaitMs = DEFAULT_ACK_WAIT_MS } = spec;
  const where = `consumer ${spec.durable}`;
  const capacity = maxBatch * (concurrency + 1);
  const held = new Set<JsMsg>();
  const running = new Set<Promise<void>>();
  let queue: JsMsg[] = [];
  let request: ConsumerMessages | undefined;
  let stopping = false;
  let scheduled = false;
  let changed = () => undefined as void;

  const heartbeat = setInterval(() => {
    for (const message of held) tell(() => message.working());
  }, ackWaitMs / 3);

  // An answer that cannot be sent is lost, and the message comes again: at least once.
  function tell(answer: () => void): void {
    try {
      answer();
    } catch (error) {
      onError(error, where);
    }
  }

  async function run(batch: readonly JsMsg[]): Promise<void> {
    const deliveries = batch.map(toDelivery);
    let outcomes: readonly Outcome[];
    try {
      outcomes = outcomesOf(deliveries, await handler(deliveries));
    } catch (error) {
      onError(error, where);
      outcomes = deliveries.map(({ attempt }) => ({
        retryInMs: retryPauseMs(attempt, retryPausesMs),
      }));
    }
    for (const [i, message] of batch.entries()) {
      const outcome = outcomes[i];
      // Given back meanwhile: the answer is another member's.
      if (!held.delete(message)) continue;
      if (typeof outcome === "object") tell(() => message.nak(Math.max(1, outcome.retryInMs)));
      else tell(() => message.ack());
    }
  }

  function handOver(): void {
    scheduled = false;
    if (stopping) return;
    while (running.size < concurrency && queue.length > 0) {
      const batch = queue.slice(0, maxBatch);
      queue = queue.slice(maxBatch);
      const done = run(batch).finally(() => {
        running.delete(done);
        changed();
        schedule();
      });
      running.add(done);
    }
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // After the current turn, so that what arrived together is handed over together.
    setImmediate(handOver);
  }

  async function pull(first: Consumer): Promise<void> {
    let consumer: Consumer | undefined = first;
    for (;;) {
      if (stopping) return;
      if (held.size > 0 && capacity - held.size < maxBatch) {
        await new Promise<void>((resolve) => (changed = resolve));
        continue;
      }
      try {
        consumer ??= await open();
        request = await consumer.fetch({
          max_messages: capacity - held.size,
          expires: REQUEST_MS,
          idle_heartbeat: HEARTBEAT_MS,
          bind: true,
        });
        if (stopping) request.stop();
        for await (const message of request) {
          held.add(message);
          queue.push(message);
          schedule();
        }
      } catch (error) {
        if (stopping) return;
        onError(error, where);
        consumer = undefined;
        await new Promise((resolve) => setTimeout(resolve, FAILED_PAUSE_MS));
      }
    }
  }

  function giveBack(messages: Iterable<JsMsg>): void {
    for (const message of messages) if (held.delete(message)) tell(() => message.nak());
  }

  const pulling = pull(await open());
  const unhook = onReconnect(() => request?.stop());
  return {
    async close() {
      stopping = true;
      unhook();
      changed();
      // Not before the request is gone: the server would hand it what is given back.
      const ended = endRequest(request)
        .then(() => pulling)
        .then(() => giveBack(queue.splice(0)));
      await within(Promise.all([ended, ...running]), closeWithinMs);
      giveBack(held);
      clearInterval(heartbeat);
    },
  };
}

/**
 * Ends a request once what the server had already sent for it has arrived. `stop` would drop that,
 * and nobody would have it again before the acknowledgement wait is over. The client drains its
 * requests only with the whole connection, hence the subscription beneath its declared shape.
 */
async function endRequest(request: ConsumerMessages | undefined): Promise<void> {
  const { sub } = (request ?? {}) as { sub?: Subscribed };
  // A drain that fails has no connection, and nothing on its way either.
  if (sub?.isClosed() === false)
    await within(
      sub.drain().catch(() => undefined),
      DRAIN_MS,
    );
  request?.stop();
}

/** Waits for work, but not longer. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
