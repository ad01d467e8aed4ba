import type { FeatureMoment, SignalEvent, UserSignals } from "@signalpath/domain";

/** What everybody may know of a feature; the wire and the Python mirror are made from it. */
export interface FeatureFacts {
  /** snake_case, unique. */
  name: string;
  dtype: "numeric";
  description: string;
  /** Age from which a value is stale, seconds. */
  ttlSec: number;
  /** Where values come from. */
  source: "profile_store" | "user_model";
  /** What stands for a value that was never computed, and how the registry prints it. */
  fallback: { value: number | null; text: string };
  /** Names of the bus subjects whose events make a value be computed again. */
  invalidatedBy: readonly string[];
  /** Value for serving, in [0, 1]. */
  normalise(value: number | null, moment: FeatureMoment): number;
}

/** Computed on the ingest side from a person's event buffer, and stored. */
export interface BatchedFeature extends FeatureFacts {
  freshness: "batched";
  /** Pure. @param asOfMs milliseconds; what lies outside (asOf - window, asOf] counts for nothing. */
  compute(events: readonly SignalEvent[], asOfMs: number): number | null;
}

/** Computed at read from the stored user model; never stored, never stale. */
export interface JitFeature extends FeatureFacts {
  freshness: "jit";
  /** Pure. */
  compute(model: UserSignals, asOfMs: number): number | null;
}

export type Feature = BatchedFeature | JitFeature;
