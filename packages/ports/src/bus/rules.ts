import { RefusedError } from "../errors.ts";
import { isStored, streamOf } from "./match.ts";
import type { Delivery, Outcome } from "./port.ts";

/** Pauses before deliveries 2, 3, 4 and all later ones of a message, milliseconds. */
export const RETRY_PAUSES_MS: readonly number[] = [1_000, 5_000, 30_000, 120_000];
/** Messages a handler gets at once unless it says otherwise. */
export const DEFAULT_MAX_BATCH = 100;
/** Milliseconds a bus waits for an acknowledgement unless told otherwise. */
export const DEFAULT_ACK_WAIT_MS = 30_000;
/** Largest body of one message, bytes: what nats-server takes by default. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Pause after delivery `attempt` (1 = the first) failed. */
export function retryPauseMs(attempt: number, pauses = RETRY_PAUSES_MS): number {
  return pauses[Math.min(Math.max(attempt, 1), pauses.length) - 1] ?? 0;
}

/** Body text of a payload. Throws RefusedError for what no bus would take. */
export function encodePublish(name: string, payload: unknown, id: string | undefined): string {
  checkSubject(name);
  streamOf(name);
  if (id !== undefined && !/^[A-Za-z0-9_:-]{1,100}$/.test(id)) {
    throw new RefusedError(`not a message id: ${JSON.stringify(id)}`);
  }
  return encodeBody(payload);
}

/** Body text of what is told; undefined for what no bus would take, or what a stream would store. */
export function encodeTold(name: string, payload: unknown): string | undefined {
  try {
    checkSubject(name);
    return isStored(name) ? undefined : encodeBody(payload);
  } catch (error) {
    if (error instanceof RefusedError) return undefined;
    throw error;
  }
}

function checkSubject(name: string): void {
  if (/^[^\s.*>]+(\.[^\s.*>]+)*$/.test(name)) return;
  throw new RefusedError(`not a subject: ${JSON.stringify(name)}`);
}

function encodeBody(payload: unknown): string {
  const body = JSON.stringify(payload) as string | undefined;
  if (body === undefined) throw new RefusedError("a payload must have a JSON form");
  // A UTF-16 unit is at most 3 bytes: most bodies need no count.
  const fits = body.length * 3 <= MAX_BODY_BYTES;
  if (!fits && Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw new RefusedError(`a message of more than ${MAX_BODY_BYTES} bytes`);
  }
  return body;
}

/** A durable's name, or RefusedError. */
export function checkDurable(name: string): string {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(name)) {
    throw new RefusedError(`not a durable name: ${JSON.stringify(name)}`);
  }
  return name;
}

/** One outcome a delivery. Throws when the handler answered another number of them. */
export function outcomesOf(
  batch: readonly Delivery[],
  answer: readonly Outcome[] | void,
): readonly Outcome[] {
  const outcomes = answer ?? batch.map((): Outcome => "ack");
  if (outcomes.length === batch.length) return outcomes;
  throw new Error(`${outcomes.length} outcomes for ${batch.length} deliveries`);
}
