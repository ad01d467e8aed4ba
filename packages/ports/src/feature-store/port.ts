import type { UserKey } from "@signalpath/domain";

/** One computed value of one person. */
export interface StoredFeature {
  /** null is a value: it was computed, and there is nothing to say. */
  value: number | null;
  /** The moment it is true of, milliseconds; its age decides whether it is stale. */
  computedAtMs: number;
  /** Revision of the buffer it was computed from. */
  revision: number;
  /** Minutes east of UTC of the person's newest event that told it. */
  utcOffsetMin?: number;
}

/** By feature name; a feature that was never computed is not among them. */
export type StoredFeatures = ReadonlyMap<string, StoredFeature>;

export type FeaturesAnswer =
  | { status: "ok"; features: StoredFeatures }
  | { status: "moved"; to: UserKey };

/** Values computed in one step: all from one set of events, all of one moment. */
export interface FeatureValues {
  values: ReadonlyMap<string, number | null>;
  computedAtMs: number;
  revision: number;
  utcOffsetMin?: number;
}

/**
 * saved: `refused` are the names of which a newer value stands; below_floor: the person was erased,
 * nothing is stored; moved: see the buffer.
 */
export type SaveFeaturesOutcome =
  | { status: "saved"; refused: readonly string[] }
  | { status: "below_floor" }
  | { status: "moved"; to: UserKey };

/**
 * Profile features, by person and name, kept 7 days after the last save of any of them: also what
 * is past its time to live is answered, with the moment it was computed.
 * - `save` is one atomic step. A value is refused when (revision, computedAtMs), compared in this
 *   order, is smaller than the stored one's; equal is accepted. Other names are left alone.
 * - shares redirects and erase floors with the EventBuffer of the same store. Erasing or moving a
 *   buffer removes the features computed from it in the same step.
 */
export interface FeatureStore {
  get(key: UserKey): Promise<FeaturesAnswer>;
  save(key: UserKey, features: FeatureValues): Promise<SaveFeaturesOutcome>;
  check(): Promise<void>;
}
