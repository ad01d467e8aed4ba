import type { SignalEvent } from "@signalpath/domain";
import type { Delivery, IdentityLink, PutResult } from "@signalpath/ports";

/** A stored signal on its way to the consumers. */
export interface LogEntry {
  sequence: number;
  subject: string;
  body: string;
  /** UTF-8 bytes of `body`. */
  bytes: number;
  headers: Readonly<Record<string, string>>;
  publishedAtMs: number;
  /** What the archive decided; absent for rows read back from the log, or once it may be outdated. */
  archived: { result: PutResult; links: readonly IdentityLink[] } | undefined;
}

/** A published signal that waits for its commit. */
export interface PendingSignal {
  event: SignalEvent;
  subject: string;
  body: string;
  bytes: number;
  headers: Readonly<Record<string, string>>;
  publishedAtMs: number;
}

export function deliveryOf(entry: LogEntry, attempt: number): Delivery {
  const { subject, body, headers, publishedAtMs, sequence, archived } = entry;
  return {
    subject,
    body,
    headers,
    publishedAtMs,
    attempt,
    sequence,
    ...(archived === undefined ? {} : { archived }),
  };
}
