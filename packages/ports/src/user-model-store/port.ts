import type { UserKey, UserSignals } from "@signalpath/domain";

/** Version of a model: compared part by part, smaller in any part never replaces. */
export interface ModelVersion {
  /** Revision of the buffer it was built from. */
  revision: number;
  /** Catalogue version it was built with. */
  contentVersion: number;
  /** Version of the fold. */
  signalsVersion: number;
}

export interface StoredModel extends ModelVersion {
  status: "ok";
  model: UserSignals;
  /** When it was saved, milliseconds. */
  savedAtMs: number;
}

export type ModelAnswer =
  | StoredModel
  | { status: "absent" }
  /** The stored revision is the one the caller said it has. */
  | { status: "unchanged" }
  | { status: "moved"; to: UserKey };

/** saved; stale: a newer one stands; below_floor: the person was erased; moved: see the buffer. */
export type SaveOutcome =
  | { status: "saved" | "stale" | "below_floor" }
  | { status: "moved"; to: UserKey };

/**
 * Ready-made user models, one blob a person, kept 7 days after the last save.
 * - `save` is refused only when (revision, contentVersion, signalsVersion) has a part smaller than
 *   the stored one, or revision is below the erase floor; equal is accepted.
 * - shares redirects and erase floors with the EventBuffer of the same store.
 */
export interface UserModelStore {
  /** `known`: version the caller holds; answered `unchanged` when the stored one equals it. */
  get(key: UserKey, known?: ModelVersion): Promise<ModelAnswer>;
  save(key: UserKey, model: UserSignals, version: ModelVersion): Promise<SaveOutcome>;
  erase(key: UserKey, floor: number): Promise<{ removed: boolean }>;
  check(): Promise<void>;
}
