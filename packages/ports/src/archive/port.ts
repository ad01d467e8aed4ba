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
  /** Keys whose buffers and models go: the user's and those linked to it. */
  keys: UserKey[];
  erasedAt: string;
  removed: { archive: number; dead_letters: number };
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
   * Repeating it repeats the deletes.
   */
  erase(projectId: number, key: UserKey, atMs: number): Promise<ErasureResult>;
  check(): Promise<void>;
}
