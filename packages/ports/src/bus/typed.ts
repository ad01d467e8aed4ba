import {
  deadLettersOf,
  headers,
  MAX_DEAD_LETTER_BUS_BYTES,
  type DeadLetterMessage,
  type ProcessingCode,
  type Subject,
} from "@signalpath/contracts";

import type { Bus, Delivery, Outcome, Subscription } from "./port.ts";
import { retryPauseMs } from "./rules.ts";

export interface TypedConsumer {
  /** Package name of the service; its dead letters travel on `deadletters.<app>`. */
  app: string;
  /** Name shared by all replicas; [A-Za-z0-9_-]. */
  durable: string;
  /** Failed this often, a message is put aside. 5 when absent. */
  maxAttempts?: number;
  maxBatch?: number;
  ackWaitMs?: number;
}

/**
 * Consumes one subject with its own type: at least once, one message after the other.
 * What is no JSON or does not fit the schema is published to the app's dead letters at once; a
 * message whose handler throws comes again after a growing pause, and is put aside after
 * `maxAttempts`. A dead letter that cannot be published leaves its message unacknowledged.
 */
export async function consumeTyped<T>(
  bus: Bus,
  subject: Subject<T>,
  options: TypedConsumer,
  handler: (payload: T, delivery: Delivery) => Promise<void>,
): Promise<Subscription> {
  const { app, durable, maxAttempts = 5, maxBatch, ackWaitMs } = options;

  async function putAside(
    delivery: Delivery,
    code: ProcessingCode,
    detail: string,
  ): Promise<Outcome> {
    const id = `${durable}:${delivery.sequence}`;
    const letter = deadLetterOf(app, delivery, code, detail);
    await bus.publish(deadLettersOf(app), letter, { id, headers: traceOf(delivery) });
    return "ack";
  }

  async function take(delivery: Delivery): Promise<Outcome> {
    const read = readPayload(subject, delivery.body);
    if (!read.ok) return putAside(delivery, read.code, read.detail);
    try {
      await handler(read.payload, delivery);
      return "ack";
    } catch (error) {
      if (delivery.attempt >= maxAttempts)
        return putAside(delivery, "HANDLER_FAILED", messageOf(error));
      return { retryInMs: retryPauseMs(delivery.attempt) };
    }
  }

  const spec = {
    filter: subject.name,
    durable,
    ...(maxBatch === undefined ? {} : { maxBatch }),
    ...(ackWaitMs === undefined ? {} : { ackWaitMs }),
  };
  return bus.consume(spec, async (batch) => {
    const outcomes: Outcome[] = [];
    for (const delivery of batch) outcomes.push(await take(delivery));
    return outcomes;
  });
}

type Read<T> = { ok: true; payload: T } | { ok: false; code: ProcessingCode; detail: string };

/** A message body as the subject's type, or why it is none. */
export function readPayload<T>(subject: Subject<T>, body: string): Read<T> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return { ok: false, code: "MALFORMED_JSON", detail: messageOf(error) };
  }
  const parsed = subject.schema.safeParse(value);
  if (parsed.success) return { ok: true, payload: parsed.data };
  const first = parsed.error.issues[0];
  const detail = `${first?.path.map(String).join(".") ?? ""}: ${first?.message ?? "does not fit"}`;
  return { ok: false, code: "INVALID_EVENT", detail };
}

function deadLetterOf(
  app: string,
  delivery: Delivery,
  code: ProcessingCode,
  detail: string,
): DeadLetterMessage {
  const bytes = new TextEncoder().encode(delivery.body);
  const truncated = bytes.length > MAX_DEAD_LETTER_BUS_BYTES / 2;
  return {
    app,
    code,
    detail: detail.slice(0, 1_000),
    received_at: new Date(delivery.publishedAtMs).toISOString(),
    subject: delivery.subject,
    // Half of the limit: escaping in JSON may double the text.
    body: truncated
      ? new TextDecoder().decode(bytes.subarray(0, MAX_DEAD_LETTER_BUS_BYTES / 2))
      : delivery.body,
    truncated,
    ...projectOf(delivery.body),
  };
}

/** Project and event id of the original, where it can be read: the letter is filed under them. */
function projectOf(body: string): { project_id?: number; event_id?: string } {
  try {
    const value = JSON.parse(body) as { project_id?: unknown; event_id?: unknown } | null;
    const projectId = value?.project_id;
    const eventId = value?.event_id;
    return {
      ...(Number.isSafeInteger(projectId) && (projectId as number) > 0
        ? { project_id: projectId as number }
        : {}),
      ...(typeof eventId === "string" ? { event_id: eventId } : {}),
    };
  } catch {
    return {}; // Not JSON: MALFORMED_JSON is its code already.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Trace context of a message, for what it causes. */
function traceOf({ headers: given }: Pick<Delivery, "headers">): Record<string, string> {
  const names = [headers.traceparent, headers.tracestate];
  return Object.fromEntries(
    names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
}
