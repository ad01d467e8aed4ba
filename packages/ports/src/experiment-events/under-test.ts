import type { ManualClock } from "../clock/memory.ts";
import { iso, keyOf, NOON } from "../archive/contract-parts.ts";
import type { Archive } from "../archive/port.ts";
import type {
  ConversionEvent,
  ExperimentEvents,
  ExposureEvent,
  MetricSpec,
  SlotEventGiven,
} from "./port.ts";

/** Empty keepers over one store, made anew for each test, with `sha256` and `clock` handed to them. */
export interface ExperimentEventsParts {
  events: ExperimentEvents;
  archive: Archive;
  clock: ManualClock;
}
export type MakeExperimentEvents = () => Promise<ExperimentEventsParts>;

export const EXPERIMENT = "0b8f7a52-6a5e-4c59-9d0a-2f5a1c8d7e01";
export const OTHER = "0b8f7a52-6a5e-4c59-9d0a-2f5a1c8d7e02";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Unit `u1` met variation 0 at noon. */
export function exposed(changes: Partial<ExposureEvent> = {}): ExposureEvent {
  return {
    experiment_id: EXPERIMENT,
    unit: "u1",
    variation_index: 0,
    occurred_at: iso(NOON),
    event_id: `x-${changes.unit ?? "u1"}-${changes.variation_index ?? 0}`,
    ...changes,
  };
}

/** A click of `u1` at noon. */
export function converted(
  changes: Partial<ConversionEvent> & { dedup_key: string },
): ConversionEvent {
  return {
    experiment_id: EXPERIMENT,
    unit: "u1",
    metric: "click",
    value: 1,
    occurred_at: iso(NOON),
    is_bot: false,
    keyed: true,
    event_id: changes.dedup_key,
    ...changes,
  };
}

/** An impression of slot 1 to `u1` at noon. */
export function slotEvent(changes: Partial<SlotEventGiven> = {}): SlotEventGiven {
  const slot_id = changes.slot_id ?? 1;
  const request_id = changes.request_id ?? "r1";
  return {
    slot_id,
    event_type: "impression",
    user_id: "u1",
    item_id: "t1",
    request_id,
    value: null,
    metadata: "{}",
    occurred_at: iso(NOON),
    is_bot: false,
    dedup_key: `i:${slot_id}:${request_id}`,
    keyed: true,
    event_id: `s-${slot_id}-${request_id}`,
    ...changes,
  };
}

export const CLICKS: MetricSpec = {
  kind: "binary",
  numerator: "click",
  denominator: null,
  window_ms: DAY,
  pre_ms: null,
};
export const REVENUE: MetricSpec = { ...CLICKS, kind: "mean", numerator: "purchase" };
export const RATIO: MetricSpec = { ...REVENUE, kind: "ratio", denominator: "click" };

export { iso, keyOf, NOON };
