import { normaliseEnvelope, type SignalEvent } from "@signalpath/domain";
import type { Delivery } from "@signalpath/ports";

export type ReadDelivery =
  | { status: "event"; event: SignalEvent; clamped: boolean }
  | { status: "expired" }
  | { status: "bad"; code: "MALFORMED_JSON" | "INVALID_EVENT"; detail: string };

/**
 * An event from a message of whoever published it, in normal form. The normaliser checks types and
 * ranges of every field and is idempotent, so what ingest made of it passes unchanged; times are
 * judged against the broker's.
 */
export function readDelivery(delivery: Pick<Delivery, "body" | "publishedAtMs">): ReadDelivery {
  let raw: unknown;
  try {
    raw = JSON.parse(delivery.body);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { status: "bad", code: "MALFORMED_JSON", detail };
  }
  const result = normaliseEnvelope(raw, { receivedAtMs: delivery.publishedAtMs });
  if (result.ok) return { status: "event", event: result.event, clamped: result.clamped };
  if (result.code === "EXPIRED") return { status: "expired" };
  return { status: "bad", code: result.code, detail: result.detail };
}
