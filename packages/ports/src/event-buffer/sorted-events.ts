import { BUFFER_CAP, BUFFER_WINDOW_MS, compareEvents, type SignalEvent } from "@signalpath/domain";

/** Events of one person in their order, and their ids. */
export interface SortedEvents {
  events: SignalEvent[];
  ids: Set<string>;
}

export function emptyEvents(): SortedEvents {
  return { events: [], ids: new Set() };
}

/**
 * `joinEvents` of the domain in place, without sorting what is sorted already: k new events at the
 * end of n cost O(k log k), anywhere else one merge, O(n + k log k).
 *
 * @returns true when the set changed.
 */
export function joinInPlace(
  kept: SortedEvents,
  added: readonly SignalEvent[],
  cap = BUFFER_CAP,
  windowMs = BUFFER_WINDOW_MS,
): boolean {
  const fresh: SignalEvent[] = [];
  for (const event of added) {
    if (kept.ids.has(event.event_id)) continue;
    kept.ids.add(event.event_id);
    fresh.push(event);
  }
  if (fresh.length === 0) return false;
  fresh.sort(compareEvents);
  kept.events = merge(kept.events, fresh);
  const dropped = dropOutside(kept, cap, windowMs);
  // The newest of all is never dropped, so only new events that fell out leave the set as it was.
  const freshIds = new Set(fresh.map((event) => event.event_id));
  return dropped.filter((event) => freshIds.has(event.event_id)).length < fresh.length;
}

function merge(events: SignalEvent[], fresh: readonly SignalEvent[]): SignalEvent[] {
  const last = events.at(-1);
  const first = fresh[0];
  if (last === undefined || first === undefined || compareEvents(last, first) < 0) {
    events.push(...fresh);
    return events;
  }
  const merged: SignalEvent[] = [];
  let i = 0;
  for (const event of fresh) {
    for (let old = events[i]; old !== undefined && compareEvents(old, event) < 0; old = events[i]) {
      merged.push(old);
      i++;
    }
    merged.push(event);
  }
  for (; i < events.length; i++) merged.push(events[i] as SignalEvent);
  return merged;
}

function dropOutside(kept: SortedEvents, cap: number, windowMs: number): SignalEvent[] {
  const { events, ids } = kept;
  const newest = events.at(-1);
  if (newest === undefined) return [];
  const floor = Date.parse(newest.occurred_at) - windowMs;
  let drop = Math.max(0, events.length - cap);
  for (let event = events[drop]; event !== undefined; event = events[++drop]) {
    if (Date.parse(event.occurred_at) > floor) break;
  }
  const dropped = events.splice(0, drop);
  for (const event of dropped) ids.delete(event.event_id);
  return dropped;
}
