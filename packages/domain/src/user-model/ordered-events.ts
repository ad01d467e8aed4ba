import { compareEvents } from "../events/order.ts";
import type { SignalEvent } from "../events/types.ts";
import { shapesModel } from "../events/window.ts";

/** An event with its `occurred_at` as milliseconds, so that a time is parsed once. */
export interface TimedEvent {
  event: SignalEvent;
  ms: number;
}

function compareTimed(a: TimedEvent, b: TimedEvent): number {
  return a.ms === b.ms ? compareEvents(a.event, b.event) : a.ms - b.ms;
}

/**
 * What of a set of events shapes a model, in canonical order: oldest first, each id once, without
 * bots, exposures and what lies after `asOfMs`. Copies of one id are taken to be alike; should
 * their times differ, the earliest stands.
 *
 * @throws RangeError when an `occurred_at` is no date.
 */
export function orderedEvents(events: readonly SignalEvent[], asOfMs: number): TimedEvent[] {
  const timed: TimedEvent[] = [];
  let sorted = true;
  let last: TimedEvent | undefined;
  for (const event of events) {
    if (!shapesModel(event)) continue;
    const ms = Date.parse(event.occurred_at);
    if (Number.isNaN(ms)) throw new RangeError(`event ${event.event_id}: occurred_at is no date`);
    if (ms > asOfMs) continue;
    const next = { event, ms };
    // Buffers hand events out in order: then the sort is saved.
    if (last !== undefined && sorted && compareTimed(last, next) > 0) sorted = false;
    timed.push(next);
    last = next;
  }
  if (!sorted) timed.sort(compareTimed);
  const ids = new Set<string>();
  return timed.filter(({ event }) => {
    const before = ids.size;
    return ids.add(event.event_id).size > before;
  });
}
