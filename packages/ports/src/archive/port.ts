import type { SignalEvent, UserKey } from "@signalpath/domain";

/** What the archive transaction decided about one event of a batch. */
export type PutResult =
  | {
      /** inserted: stored now. stored: its id was there already (or earlier in this batch). */
      status: "inserted" | "stored";
      /** The stored copy: what everything after the archive applies. */
      event: SignalEvent;
      /** Root of the event's identity after this transaction: whose model it shapes. */
      owner: UserKey;
    }
  | { status: "erased" };

/** `from` is known as `to` (a root) for good. */
export interface IdentityLink {
  projectId: number;
  from: UserKey;
  to: UserKey;
}

export interface PutBatchResult {
  /** One a given event, in the given order. */
  results: PutResult[];
  /**
   * Links that hold for identities named by this batch, new or old, `to` being the root now:
   * their buffers must have moved before the batch is acknowledged.
   */
  links: IdentityLink[];
  /** Proposed links that were dropped because both ends were one person already. */
  circles: number;
}

export interface ErasureResult {
  /** Keys whose buffers and models go: the root first, then those linked to it. */
  keys: UserKey[];
  /**
   * User and anonymous ids that the removed events were under, in order; after an erasure that was
   * cut off also those it had found. At most `ERASED_IDS`.
   */
  ids: string[];
  /** Moment of this call. */
  erasedAt: string;
  /** What this call removed. */
  removed: { archive: number; dead_letters: number; experiments: number };
}

/** Most ids of one person that an erasure hands on. */
export const ERASED_IDS = 50;

/**
 * What all erasures of a person have removed together: events, dead letters and rows of experiments, and how many of
 * the person's keys had a buffer, a model or profile features. An erasure that removes nothing leaves it as it is.
 */
export interface ErasureReceipt {
  /** The first erasure, or the last one after it that removed something or reached a new key. */
  erasedAt: string;
  removed: {
    archive: number;
    dead_letters: number;
    /** Exposures, conversions and events of deployment slots. */
    experiments: number;
    buffers: number;
    models: number;
    features: number;
  };
}

/** Receipt of somebody of whom nothing was there. */
export function emptyReceipt(atMs: number): ErasureReceipt {
  const removed = {
    archive: 0,
    dead_letters: 0,
    experiments: 0,
    buffers: 0,
    models: 0,
    features: 0,
  };
  return { erasedAt: new Date(atMs).toISOString(), removed };
}

/** What is known of the keys of one erasure while they are cleared. */
export interface ErasureProgress {
  /** Moment of the erasure, milliseconds. */
  atMs: number;
  /** Keys of which a buffer was found. */
  buffers: readonly UserKey[];
  /** Keys of which a model was found. */
  models: readonly UserKey[];
  /** Keys of which profile features were found. */
  features: readonly UserKey[];
  /** All is cleared and announced: the ids are forgotten. */
  done: boolean;
}

/**
 * The archive: what happened, once. One transaction a batch decides; everything after it is a join.
 * - `put`: drop what a tombstone forbids (an event of an erased identity that occurred at or before
 *   the erasure, or whose id was erased); insert, first copy of an id wins; decide identity links
 *   (first insert wins, never again; root to root; a link between one person's ids is dropped and
 *   counted); count item hours for the rows really inserted, bots left out. Idempotent.
 * - Throws UnavailableError (retry) or RefusedError (data that will never fit).
 */
export interface Archive {
  put(events: readonly SignalEvent[]): Promise<PutBatchResult>;
  /** Which of these ids are stored. */
  known(projectId: number, eventIds: readonly string[]): Promise<Set<string>>;
  /** Root of an identity: itself when it was never linked. */
  resolve(projectId: number, key: UserKey): Promise<UserKey>;
  /**
   * Newest `limit` events that shape the model of `owner` (a root) and of everything linked to it,
   * newest first, before (occurred_at, event_id) of `before` when given.
   */
  eventsOf(
    projectId: number,
    owner: UserKey,
    options: { limit: number; before?: { occurred_at: string; event_id: string } },
  ): Promise<SignalEvent[]>;
  /**
   * Forgets a person: tombstones for the key and all linked to it, SHA-256 of the erased event ids
   * (30 days), rows of archive and dead letters deleted; links stay, as hashes. `atMs` = now.
   * Repeating it repeats the deletes, adds what they removed to the receipt and never moves the
   * tombstone back. The ids are kept until `recordErasure` says that it is done.
   */
  erase(projectId: number, key: UserKey, atMs: number): Promise<ErasureResult>;
  /**
   * Adds to the receipt of erased keys which of them had a buffer, a model or features. A key counts once,
   * however often it is recorded. Keys without a tombstone are left out.
   */
  recordErasure(
    projectId: number,
    keys: readonly UserKey[],
    progress: ErasureProgress,
  ): Promise<ErasureReceipt>;
  /** The receipt of the person a key belongs to; undefined when no key of theirs was ever erased. */
  erasureOf(projectId: number, key: UserKey): Promise<ErasureReceipt | undefined>;
  check(): Promise<void>;
}
