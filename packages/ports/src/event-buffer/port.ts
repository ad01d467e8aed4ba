import type { SignalEvent, UserKey } from "@signalpath/domain";

export interface BufferContent {
  status: "ok";
  /** Oldest first. */
  events: SignalEvent[];
  /** Rises whenever the set changes, also after the buffer was lost. 0 = never written. */
  revision: number;
  /** The set was completed from the archive. False: new, expired, evicted or wiped. */
  filled: boolean;
  /**
   * Names this buffer from its first event until it is lost or erased, or takes over another one
   * that was not filled. Empty = there is none, or none any more after this answer.
   */
  life: string;
  /** The buffer was not of the `life` asked for: nothing was added. */
  otherLife?: true;
}

/** The identity was linked: its events live under `to`. */
export interface BufferMoved {
  status: "moved";
  to: UserKey;
  /** Events still behind the redirect: a move that was not finished. */
  pending: boolean;
}

export type BufferAnswer = BufferContent | BufferMoved;

/** The read side: what a model is built from. */
export interface EventSource {
  read(key: UserKey): Promise<BufferAnswer>;
}

/**
 * The event buffer: per person the newest 2,000 events of the 30 days before the newest one
 * (`joinEvents` of the domain is the specification). A cache of the archive: it may be lost.
 * - `append`: one atomic step a person: join, prune, cap, raise the revision only if the set changed
 *   (revision = max(previous + 1, store time in ms)), answer the whole set. `fill: true` sets the
 *   `filled` mark in the same step. Idempotent, commutative, associative.
 *   `life`: what was read from the archive goes with the buffer of that life, read before it. When
 *   the buffer is another one by now (lost, erased, a person was linked), nothing is added or marked
 *   and the present set is answered: read both again.
 * - A key expires at newest event + 30 days.
 * - `move`: writes the redirect on `from` (kept 30 days), joins its events into `to`, deletes them
 *   from `from`. May be repeated and finished by anyone. `from` with a redirect elsewhere stays
 *   with the first; moving onto itself is refused. A `to` that is itself redirected is followed.
 * - `erase`: removes the events and sets the revision floor `revision >= floor` for what comes
 *   after; redirects stay, and a move that was not finished has nothing left to bring. Features
 *   computed from the events go in the same step; with `everything` the model too (`modelRemoved`, and
 *   `featuresRemoved` for the features).
 */
export interface EventBuffer extends EventSource {
  append(
    key: UserKey,
    events: readonly SignalEvent[],
    options?: { fill?: boolean; life?: string },
  ): Promise<BufferAnswer>;
  move(from: UserKey, to: UserKey): Promise<void>;
  erase(
    key: UserKey,
    floor: number,
    options?: { everything?: boolean },
  ): Promise<{ removed: boolean; modelRemoved?: boolean; featuresRemoved?: boolean }>;
  /** `applied_at`: until when archived events are known to be applied here; undefined = unknown. */
  appliedAt(): Promise<number | undefined>;
  saveAppliedAt(ms: number): Promise<void>;
  /** Called when the store came back after a lost connection. */
  onReconnect(listener: () => void): () => void;
  check(): Promise<void>;
}
