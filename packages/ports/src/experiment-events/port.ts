import type { ArmSums, Conversion, Exposure, MetricKind, SlotEvent } from "@signalpath/domain";

import type { Rows } from "../model-catalogue/port.ts";

/** An exposure of one experiment. */
export interface ExposureEvent extends Exposure {
  experiment_id: string;
  /** Id of the signal: what an erasure forbids with it. */
  event_id: string;
}
export interface ConversionEvent extends Conversion {
  event_id: string;
}
export interface SlotEventGiven extends SlotEvent {
  event_id: string;
}

/** A slot event as it is stored. */
export interface StoredSlotEvent extends Omit<SlotEvent, "metadata"> {
  id: number;
  project_id: number;
  metadata: Record<string, unknown>;
  /** When the row was stored. */
  stored_at: string;
}

/** A request that may come again: of one key only the first one writes. */
export interface Once {
  key: string;
  /** What was asked for; another digest under the key is refused. */
  digest: string;
}

/** What became of the rows of one call. */
export interface Recorded {
  /** Rows that are new. */
  recorded: number;
  /** Given, but there before or given twice. */
  deduplicated: number;
  /** Units that this call turned: they had met one variation and now two. */
  flipped: number;
  /** Places of rows that an erasure forbids. */
  erased: number[];
  /** The answer of the first call under this key; nothing was written now. */
  replayed: boolean;
}

/** One key, two different requests. */
export class KeyReusedError extends Error {
  override name = "KeyReusedError";
}

/** One metric as sums are asked for. */
export interface MetricSpec {
  kind: MetricKind;
  numerator: string;
  denominator: string | null;
  /** Counted from the first exposure, both ends included. */
  window_ms: number;
  /** Before the exposure; null: not asked for. */
  pre_ms: number | null;
}

export interface TotalsRequest {
  experiment_id: string;
  metrics: readonly MetricSpec[];
  /** Only what occurred until then. */
  at?: string | undefined;
}

/** Units of one variation, people and bots apart, with one sum a metric in the order asked for. */
export interface ArmTotals {
  variation_index: number;
  is_bot: boolean;
  n: number;
  sums: ArmSums[];
}

export interface Totals {
  /** In the order of variations, people first. */
  arms: ArmTotals[];
  /** Units that met more than one variation, bots left out. */
  flipped: number;
  /** Conversions of which each counts, since nobody named a key. */
  without_key: number;
}

/** What one day (UTC) adds to the sums of one variation; n = units first exposed on it. */
export interface DayTotals {
  day: string;
  sums: ArmSums;
}

export interface IngestionTotals {
  exposures_total: number;
  exposure_counts: { variation_index: number; count: number }[];
  flipped_total: number;
  bots_total: number;
  conversions_total: number;
  without_key: number;
  conversion_counts: { metric: string; count: number; value_sum: number }[];
}

/** Bots left out. */
export interface SlotTotals {
  slot_id: number;
  /** Lists shown: one a request id, and each without one. */
  impressions: number;
  users: number;
  /** Shown requests with a click, with a purchase, with either. */
  clicks: number;
  purchases: number;
  conversions: number;
}

/**
 * Exposures, conversions and the events of deployment slots. Rows are joins: order, repetition and
 * batching of the same events never change what is stored (bar the count of calls).
 * - One call is one transaction. What an erasure forbids is left out and named.
 * - With `once` only the first call of a key writes; throws KeyReusedError for another digest.
 * - Throws UnavailableError (retry) or RefusedError (data that no row holds).
 */
export interface ExperimentEvents {
  recordExposures(
    projectId: number,
    rows: readonly ExposureEvent[],
    once?: Once,
  ): Promise<Recorded>;
  recordConversions(
    projectId: number,
    rows: readonly ConversionEvent[],
    once?: Once,
  ): Promise<Recorded>;
  recordSlotEvents(
    projectId: number,
    rows: readonly SlotEventGiven[],
    once?: Once,
  ): Promise<Recorded>;
  slotEvent(projectId: number, dedupKey: string): Promise<StoredSlotEvent | undefined>;
  /** Newest first. */
  slotEvents(request: {
    project_id?: number;
    slot_id?: number;
    event_type?: SlotEvent["event_type"];
    offset: number;
    limit: number;
  }): Promise<Rows<StoredSlotEvent>>;
  ingestion(experimentId: string): Promise<IngestionTotals>;
  /** Of one instant. */
  totals(request: TotalsRequest): Promise<Totals>;
  /** Of one metric, in the order of days, then variations. */
  days(request: {
    experiment_id: string;
    metric: MetricSpec;
    at?: string | undefined;
    include_bots: boolean;
  }): Promise<DayTotals[]>;
  /** Events that occurred in [from, to], one row a slot in the order given. */
  slotTotals(
    projectId: number,
    slotIds: readonly number[],
    from: string,
    to: string,
  ): Promise<SlotTotals[]>;
  /** Forgets keys of `once` that are older. @returns how many. */
  pruneKeys(beforeMs: number): Promise<number>;
  check(): Promise<void>;
}
