import type { UserKey } from "@signalpath/domain";

/** Every key of one person. The braces put them into one slot of a Redis Cluster. */
export interface PersonKeys {
  /** Sorted set: event id by time in milliseconds. */
  order: string;
  /**
   * Hash: `e<event id>` -> event as JSON; `filled` -> 1 when completed from the
   * archive; `epoch` -> when the buffer was begun, microseconds.
   */
  payload: string;
  /** List: `<revision> <event id>` of the newest additions. */
  recent: string;
  /** Hash: revision, floor, redirect, open (the move to `redirect` is not finished). */
  meta: string;
  /** Hash: model as JSON, its version, when it was saved. */
  model: string;
  /** Hash: feature name -> `<revision> <computed at ms> <value and offset as JSON>`. */
  features: string;
}

export const DEFAULT_PREFIX = "signalpath";

/** The only place a Redis key is spelled. */
export function personKeys(prefix: string, key: UserKey): PersonKeys {
  const person = `${prefix}:{${key}}`;
  return {
    order: `${person}:order`,
    payload: `${person}:payload`,
    recent: `${person}:recent`,
    meta: `${person}:meta`,
    model: `${person}:model`,
    features: `${person}:features`,
  };
}

/** Until when archived events are known to be applied, milliseconds. */
export function appliedAtKey(prefix: string): string {
  return `${prefix}:applied_at`;
}

/** Level of one rate budget. @param name hash of the budget's key: that is free text */
export function budgetKey(prefix: string, name: string): string {
  return `${prefix}:budget:${name}`;
}
