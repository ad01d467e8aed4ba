import { compareEvents } from "./order.ts";
import type { SignalEvent } from "./types.ts";

/** Newest events a buffer keeps. */
export const BUFFER_CAP = 2_000;
/** Length of the window, measured back from the newest event, milliseconds (30 days). */
export const BUFFER_WINDOW_MS = 30 * 24 * 3_600_000;
/** An event this far ahead of its arrival is clamped to it, milliseconds (5 minutes). */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** True when the event takes part in a user model (bots and exposures do not). */
export function shapesModel(event: SignalEvent): boolean {
  return event.is_bot !== true && event.kind !== "exposed";
}

/**
 * The event buffer as a join-semilattice: union of two sets keyed by event id, then the newest
 * `cap` by (occurred_at, event_id) with occurred_at > newest - `windowMs`. Idempotent,
 * commutative and associative, so redelivery, order and batching cannot change it.
 *
 * @returns oldest first. Where both sides hold an id, the copy of `current` stays.
 */
export function joinEvents(
  current: readonly SignalEvent[],
  added: readonly SignalEvent[],
  cap = BUFFER_CAP,
  windowMs = BUFFER_WINDOW_MS,
): SignalEvent[] {
  const byId = new Map<string, SignalEvent>();
  for (const event of current) byId.set(event.event_id, event);
  for (const event of added) if (!byId.has(event.event_id)) byId.set(event.event_id, event);
  const all = [...byId.values()].sort(compareEvents);
  const newest = all.at(-1);
  if (newest === undefined) return [];
  const floor = Date.parse(newest.occurred_at) - windowMs;
  const inside = all.filter((event) => Date.parse(event.occurred_at) > floor);
  return inside.length > cap ? inside.slice(inside.length - cap) : inside;
}
