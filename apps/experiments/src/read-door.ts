import { normaliseEnvelope, type SignalEvent } from "@signalpath/domain";
import type { ConversionEvent, Delivery, ExposureEvent, SlotEventGiven } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { conversionKey, IMPRESSION_METRIC, impressionKey, requestIdOf } from "./row-keys.ts";

/** Rows of one project that a batch of the bus says. */
export interface DoorRows {
  exposures: ExposureEvent[];
  conversions: ConversionEvent[];
  slotEvents: SlotEventGiven[];
}

export type ReadEvent =
  | { status: "event"; event: SignalEvent }
  | { status: "old" }
  | { status: "bad"; code: "MALFORMED_JSON" | "INVALID_EVENT"; detail: string };

/** An event from a message of whoever published it, judged as at every other door. */
export function readEvent({
  body,
  publishedAtMs,
}: Pick<Delivery, "body" | "publishedAtMs">): ReadEvent {
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { status: "bad", code: "MALFORMED_JSON", detail };
  }
  const read = normaliseEnvelope(raw, { receivedAtMs: publishedAtMs });
  if (read.ok) return { status: "event", event: read.event };
  if (read.code === "EXPIRED") return { status: "old" };
  return { status: "bad", code: read.code, detail: read.detail };
}

const LARGEST_VARIATION = 32_767;
const SLOT_TYPES = ["click", "purchase"] as const;

/**
 * Adds the rows that one event says: an exposure, a conversion of its experiment, an event of its
 * slot. What names an experiment or slot that is not the project's is counted and left out.
 */
export async function addRows(
  { known, slotOwners, meters }: Pick<Context, "known" | "slotOwners" | "meters">,
  event: SignalEvent,
  rows: DoorRows,
): Promise<void> {
  const { experiment_id: experimentId, slot_id: slotId } = event;
  const leave = (reason: string): void => meters.left.inc({ reason });
  if (experimentId !== undefined) {
    const experiment = await known.open(event.project_id, experimentId);
    if (experiment === undefined) leave("unknown_experiment");
    else if (event.kind === "exposed") {
      const exposure = exposureOf(event, experiment.id);
      if (exposure === undefined) leave("no_variation");
      else rows.exposures.push(exposure);
    } else rows.conversions.push(...conversionOf(event, experiment.id));
  }
  if (slotId === undefined || event.kind === "exposed") return;
  if (!(await slotOwners.isOf(event.project_id, slotId))) leave("foreign_slot");
  else rows.slotEvents.push(...slotEventOf(event, slotId));
}

const unitOf = (event: SignalEvent): string => (event.user_id ?? event.anonymous_id) as string;

function exposureOf(event: SignalEvent, experimentId: string): ExposureEvent | undefined {
  const { variation_index: index, event_id, occurred_at } = event;
  if (index === undefined || index > LARGEST_VARIATION) return undefined;
  return {
    experiment_id: experimentId,
    unit: unitOf(event),
    variation_index: index,
    occurred_at,
    is_bot: event.is_bot === true,
    event_id,
  };
}

function conversionOf(event: SignalEvent, experimentId: string): ConversionEvent[] {
  const metric = event.kind === "served" ? IMPRESSION_METRIC : event.reaction;
  if (metric === undefined) return [];
  return [
    {
      experiment_id: experimentId,
      unit: unitOf(event),
      metric,
      value: event.value ?? 1,
      occurred_at: event.occurred_at,
      is_bot: event.is_bot === true,
      dedup_key: conversionKey(event.event_id),
      keyed: true,
      event_id: event.event_id,
    },
  ];
}

function slotEventOf(event: SignalEvent, slotId: number): SlotEventGiven[] {
  const isShown = event.kind === "served";
  const type = isShown ? "impression" : SLOT_TYPES.find((one) => one === event.reaction);
  if (type === undefined) return [];
  const { event_id } = event;
  const requestId = event.request_id === undefined ? undefined : requestIdOf(event.request_id);
  const isList = isShown && requestId !== undefined;
  return [
    {
      slot_id: slotId,
      event_type: type,
      user_id: unitOf(event),
      item_id: event.item_id ?? "",
      request_id: requestId ?? null,
      value: event.value ?? null,
      metadata: "{}",
      occurred_at: event.occurred_at,
      is_bot: event.is_bot === true,
      dedup_key: isList ? impressionKey(slotId, requestId) : conversionKey(event_id),
      keyed: true,
      event_id,
    },
  ];
}
