import type { Delivery, Outcome } from "@signalpath/ports";

import type { Context } from "./context.ts";

/** What one batch came to. */
export interface BatchResult {
  durable: string;
  messages: readonly Pick<Delivery, "attempt">[];
  /** Absent: all acknowledged. */
  outcomes: readonly Outcome[] | void;
  /** The handler threw: all come again. */
  failure?: unknown;
  seconds: number;
  /** Fields of its trace. */
  logFields: Readonly<Record<string, unknown>>;
}

/** The one log line of a batch, and how long it took. No ids and no bodies: they are others' data. */
export function tellBatch(ctx: Pick<Context, "meters" | "logger">, batch: BatchResult): void {
  const { durable, messages, outcomes, failure, seconds, logFields } = batch;
  const isFailure = failure !== undefined;
  const again = (outcomes ?? []).filter((outcome) => outcome !== "ack").length;
  const retried = isFailure ? messages.length : again;
  const result = retried === 0 ? "ok" : "retried";
  const repeated = messages.filter(({ attempt }) => attempt > 1).length;
  ctx.meters.redelivered.inc({ consumer: durable }, repeated);
  ctx.meters.processing.observe({ consumer: durable, result }, seconds);
  const line = {
    ...logFields,
    consumer: durable,
    events: messages.length,
    retried,
    duration_ms: Math.round(seconds * 1e3),
    ...(isFailure ? { error: failure instanceof Error ? failure.name : typeof failure } : {}),
  };
  if (retried === 0) ctx.logger.debug(line, "batch");
  else ctx.logger.warn(line, "a part of a batch comes again");
}
