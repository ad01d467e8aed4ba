import { ALL_DEAD_LETTERS, ALL_SIGNALS, keyRevoked, subjects } from "@signalpath/contracts";
import { traceBatch, type Authenticator } from "@signalpath/service-kit";
import {
  readPayload,
  type BatchHandler,
  type ConsumeSpec,
  type Delivery,
  type Outcome,
  type Subscription,
} from "@signalpath/ports";

import { SIGNALS_DURABLE } from "./apply-batch.ts";
import type { Context } from "./context.ts";
import { forgetErased } from "./forget-erased.ts";
import type { NeighboursJob } from "./neighbours-job.ts";
import { CONTENT_DURABLE, refreshForContent } from "./refresh-for-content.ts";
import { ABANDONED_DURABLE, takeAbandoned } from "./take-abandoned.ts";
import { DEAD_LETTERS_DURABLE, takeDeadLetters } from "./take-dead-letters.ts";
import { REFRESH_DURABLE, takeRefreshRequests } from "./take-refresh-requests.ts";
import { takeSignals } from "./take-signals.ts";
import { tellBatch, type BatchResult } from "./tell-batch.ts";

/**
 * Signals a replica held when it was killed go to another one after this time, milliseconds. Work
 * that takes longer is announced to the bus meanwhile.
 */
const SIGNALS_ACK_WAIT_MS = 5_000;
/** A round for a large catalogue takes its time, milliseconds. */
const CONTENT_ACK_WAIT_MS = 120_000;

/**
 * So often a message is delivered before the bus abandons it. A message that ends the process is
 * found far earlier (suspectAfter); deliveries while a store refuses work count too, at most one in
 * 5 s, so that this is 14 hours of such trouble.
 */
const MAX_DELIVERIES = 10_000;

/** Every durable of this app, for lag metrics. */
export const DURABLES: readonly { durable: string; filter: string }[] = [
  { durable: SIGNALS_DURABLE, filter: ALL_SIGNALS },
  { durable: REFRESH_DURABLE, filter: subjects.userRefreshRequested.name },
  { durable: CONTENT_DURABLE, filter: subjects.contentChanged.name },
  { durable: DEAD_LETTERS_DURABLE, filter: ALL_DEAD_LETTERS },
];

/** Bus edge: what this app consumes and hears. */
export async function subscribe(
  ctx: Context,
  authenticator: Authenticator,
  neighbours: Pick<NeighboursJob, "changed">,
): Promise<Subscription> {
  const opened: Subscription[] = [];
  const consume = async (spec: ConsumeSpec, handler: TracedHandler): Promise<void> => {
    const bounded = { maxDeliveries: MAX_DELIVERIES, ...spec };
    opened.push(await ctx.bus.consume(bounded, held(ctx, spec, traced(ctx, spec, handler))));
  };
  const hear = async (name: string, handler: (body: string) => void): Promise<void> => {
    opened.push(await ctx.bus.hear(name, (message) => handler(message.body)));
  };
  const { maxBatch, concurrency } = ctx.options;

  opened.push(
    await ctx.bus.hear(subjects.userErased.name, (message) => {
      forgetErased(ctx, message).catch((error: unknown) =>
        ctx.logger.error({ err: error }, "an erased person was not compared with the archive"),
      );
    }),
  );
  await hear(subjects.keyRevoked.name, (body) => {
    const read = readPayload({ ...subjects.keyRevoked, schema: keyRevoked }, body);
    if (read.ok) authenticator.deny(read.payload.key_id);
    else ctx.logger.warn({ detail: read.detail }, "keys.revoked is not valid, ignored");
  });
  const abandoned = await ctx.bus.consumeAbandoned?.(ABANDONED_DURABLE, (batch) =>
    takeAbandoned(ctx, batch),
  );
  if (abandoned !== undefined) opened.push(abandoned);
  await consume(
    { filter: ALL_DEAD_LETTERS, durable: DEAD_LETTERS_DURABLE, maxBatch: 200 },
    (own, batch) => takeDeadLetters(own, batch),
  );
  await consume(
    { filter: subjects.userRefreshRequested.name, durable: REFRESH_DURABLE, maxBatch: 50 },
    (own, batch) => takeRefreshRequests(own, batch),
  );
  await consume(
    {
      filter: subjects.contentChanged.name,
      durable: CONTENT_DURABLE,
      maxBatch: 100,
      ackWaitMs: CONTENT_ACK_WAIT_MS,
    },
    (own, batch) => refreshForContent(own, batch),
  );
  await consume(
    {
      filter: ALL_SIGNALS,
      durable: SIGNALS_DURABLE,
      maxBatch,
      concurrency,
      ackWaitMs: SIGNALS_ACK_WAIT_MS,
    },
    async (own, batch) => {
      neighbours.changed();
      return takeSignals(own, batch);
    },
  );
  return {
    // Signals last in, first out: nothing new is taken while the rest finishes.
    close: async () => void (await Promise.all(opened.toReversed().map((one) => one.close()))),
  };
}

/** @param own the context, within the batch's trace. */
type TracedHandler = (
  own: Context,
  batch: readonly Delivery[],
) => Promise<readonly Outcome[] | void>;

/**
 * While a store is down, what came is held instead of failing again and again; not for ever, since
 * another replica may reach the store.
 */
function held(ctx: Context, { durable }: ConsumeSpec, handler: BatchHandler): BatchHandler {
  return async (batch) => {
    if (await ctx.outage.over()) return handler(batch);
    for (const { sequence } of durable === SIGNALS_DURABLE ? batch : []) {
      // It comes back with one attempt more, and here nobody shall take it for what ended a process.
      ctx.progress.owe(sequence, ctx.now());
    }
    return batch.map(() => ({ retryInMs: 1 }));
  };
}

/** One span a batch, which links to what caused its messages. */
function traced(ctx: Context, spec: ConsumeSpec, handler: TracedHandler): BatchHandler {
  return (batch) =>
    ctx.backlog.track(spec.durable, batch, async () => {
      const { trace, logFields } = traceBatch(ctx.tracing, spec, batch);
      const began = performance.now();
      const tell = (result: Pick<BatchResult, "outcomes" | "failure">): void => {
        const seconds = (performance.now() - began) / 1_000;
        tellBatch(ctx, { durable: spec.durable, messages: batch, seconds, logFields, ...result });
      };
      try {
        const outcomes = await handler({ ...ctx, traceHeaders: trace.headers }, batch);
        trace.end();
        tell({ outcomes });
        return outcomes;
      } catch (failure) {
        trace.end(failure);
        tell({ outcomes: undefined, failure });
        throw failure;
      }
    });
}
