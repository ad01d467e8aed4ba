import { SpanKind, type Attributes } from "@opentelemetry/api";
import { MESSAGING_SYSTEM, type Subject } from "@signalpath/contracts";
import type { Bus, Delivery, PublishAck } from "@signalpath/ports";

import { readTraceHeaders, type HeaderValues } from "./trace-headers.ts";
import type { Trace, Tracing } from "./tracing.ts";

/** Traces named in a log line at most. */
const MAX_NAMED = 10;

/** What publishing one message on `subject` is traced as; its headers go with the message. */
export function tracePublish(tracing: Tracing, subject: string, parent: HeaderValues): Trace {
  return tracing.start({
    name: `publish ${subject}`,
    kind: SpanKind.PRODUCER,
    parent,
    attributes: { ...destination(subject), "messaging.operation.type": "send" },
  });
}

/** Publishes within the trace of `traceHeaders`; what `publish` throws is thrown. */
export async function publishTraced<T>(
  bus: Pick<Bus, "publish">,
  tracing: Tracing,
  subject: Subject<T>,
  payload: T,
  options: { id?: string; traceHeaders?: HeaderValues } = {},
): Promise<PublishAck> {
  const trace = tracePublish(tracing, subject.name, options.traceHeaders ?? {});
  const { headers } = trace;
  const { id } = options;
  try {
    const ack = await bus.publish(
      subject,
      payload,
      id === undefined ? { headers } : { id, headers },
    );
    trace.end();
    return ack;
  } catch (error) {
    trace.end(error);
    throw error;
  }
}

/** A batch in a handler: its trace, and fields for its one log line. */
export interface BatchTrace {
  trace: Trace;
  /** trace_id, and the traces the messages came with where these are others. */
  logFields: Readonly<Record<string, unknown>>;
}

/**
 * What working on a batch is traced as. It links to the span that made each message, and belongs to
 * their trace when that is one and the same; a batch of several causes has a trace of its own.
 * @param filter the consumer's filter: the template of what it takes, without ids.
 */
export function traceBatch(
  tracing: Tracing,
  consumer: { filter: string; durable: string },
  batch: readonly Pick<Delivery, "headers">[],
): BatchTrace {
  const contexts = new Map<string, HeaderValues>();
  for (const { headers } of batch) {
    const context = readTraceHeaders(headers);
    if (context !== undefined && !contexts.has(context.traceId)) {
      contexts.set(context.traceId, headers);
    }
  }
  const [only] = contexts.size === 1 ? contexts.values() : [];
  const trace = tracing.start({
    name: `process ${consumer.filter}`,
    kind: SpanKind.CONSUMER,
    ...(only === undefined ? {} : { parent: only }),
    links: batch.map(({ headers }) => headers),
    attributes: {
      ...destination(consumer.filter),
      "messaging.operation.type": "process",
      "messaging.consumer.group.name": consumer.durable,
      "messaging.batch.message_count": batch.length,
    },
  });
  const others = [...contexts.keys()].filter((id) => id !== trace.traceId).slice(0, MAX_NAMED);
  const logFields = {
    trace_id: trace.traceId,
    ...(others.length === 0 ? {} : { caused_by: others }),
  };
  return { trace, logFields };
}

function destination(template: string): Attributes {
  return { "messaging.system": MESSAGING_SYSTEM, "messaging.destination.template": template };
}
