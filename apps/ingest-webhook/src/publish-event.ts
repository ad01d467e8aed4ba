import { setTimeout as pause } from "node:timers/promises";

import { SUBJECT_OF_KIND } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import { BusFullError, RefusedError, UnavailableError } from "@signalpath/ports";
import { sha256, tracePublish } from "@signalpath/service-kit";

import type { Work } from "./deps.ts";

/** stored: now, or by an earlier attempt of ours. refused: no retry will make the store take it. */
export type Published = "stored" | "duplicate" | "erased" | "refused";

/** Deduplication id of an event on the bus; event ids themselves are hostile text. */
export function busMessageId(event: Pick<SignalEvent, "project_id" | "event_id">): string {
  return sha256(`${event.project_id}:${event.event_id}`);
}

/**
 * Publishes one event and waits until it is stored. An attempt that failed may have stored it all
 * the same, so the next one uses the same id, and the `duplicate` it may get is our own.
 * @throws UnavailableError when it is not known to be stored; BusFullError at once.
 */
export async function publishEvent(
  work: Pick<Work, "bus" | "metrics" | "limits" | "tracing">,
  event: SignalEvent,
  options: {
    id: string;
    headers: Readonly<Record<string, string>>;
    /** No further attempt after this, on the clock of `performance.now`. */
    retryUntil: number;
  },
): Promise<Published> {
  const subject = SUBJECT_OF_KIND[event.kind];
  // Unrecorded, the request's own context travels on: one span less an event.
  if (!work.tracing.recording) return publishStored(work, event, options);
  const trace = tracePublish(work.tracing, subject.name, options.headers);
  try {
    const published = await publishStored(work, event, { ...options, headers: trace.headers });
    trace.end();
    return published;
  } catch (error) {
    trace.end(error);
    throw error;
  }
}

async function publishStored(
  work: Pick<Work, "bus" | "metrics" | "limits">,
  event: SignalEvent,
  { id, headers, retryUntil }: Parameters<typeof publishEvent>[2],
): Promise<Published> {
  const pauses = work.limits.publishPausesMs;
  for (let attempt = 0; ; attempt++) {
    const ended = work.metrics.publishing();
    try {
      const ack = await work.bus.publish(SUBJECT_OF_KIND[event.kind], event, { id, headers });
      ended(ack.duplicate ? "duplicate" : "stored");
      if (ack.refused !== undefined) return "erased";
      return ack.duplicate && attempt === 0 ? "duplicate" : "stored";
    } catch (error) {
      ended("failed");
      if (error instanceof RefusedError) return "refused";
      const wait = pauses[attempt];
      const mayPass = error instanceof UnavailableError && !(error instanceof BusFullError);
      if (!mayPass || wait === undefined || performance.now() + wait > retryUntil) throw error;
      await pause(wait);
    }
  }
}
