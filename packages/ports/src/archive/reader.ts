import type { SignalEvent, UserKey } from "@signalpath/domain";

/** A person with events: the root key and a name to announce it by. */
export interface Owner {
  projectId: number;
  owner: UserKey;
  /** Newest user id (else anonymous id) seen for it; empty when nothing of it is archived any more. */
  userId: string;
}

/** A person and everything they are known as. */
export interface TouchedOwner extends Owner {
  /**
   * The owner first, then every key linked to it, sorted. The links outlive events and erasures, so
   * this names keys that no archived event names any more.
   */
  keys: UserKey[];
}

/** An archived event and its place in the archive's order of insertion. */
export interface LoggedEvent {
  sequence: number;
  event: SignalEvent;
  owner: UserKey;
}

/** The archive read in bulk: rebuild, catch-up, counting. Pages are at most 2,000 rows. */
export interface ArchiveReader {
  /** Pages of owners in the order of their keys; `next` is undefined at the end. */
  owners(options: {
    projectId?: number;
    cursor?: string;
    limit?: number;
  }): Promise<{ owners: TouchedOwner[]; next: string | undefined }>;
  /** The owner (a root) first, then every key linked to it, sorted. */
  keysOf(projectId: number, owner: UserKey): Promise<UserKey[]>;
  /**
   * Owners whose model may have changed at or after `sinceMs` (arrival time): they have an event
   * that shapes it, a link, or an erasure since. Exposures and bots make nobody one of them.
   */
  touchedSince(sinceMs: number): Promise<TouchedOwner[]>;
  /** Owners whose events since `sinceMs` (event time) are about one of these items (`item_id`). */
  ownersTouching(projectId: number, itemIds: readonly string[], sinceMs: number): Promise<Owner[]>;
  /** Rows inserted after `sequence`, in order of insertion. */
  log(options: { after: number; limit: number }): Promise<LoggedEvent[]>;
  /** Last sequence a consumer finished; 0 when it never did. */
  offset(consumer: string): Promise<number>;
  /** Moves a consumer's offset forward; never back. */
  saveOffset(consumer: string, sequence: number): Promise<void>;
}
