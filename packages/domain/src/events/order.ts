import type { SignalEvent } from "./types.ts";

/**
 * Total order of texts by Unicode code point, which is also the byte order of their UTF-8 form:
 * Redis sorts members and Postgres (`COLLATE "C"`) sorts ids the same way. Plain `<` compares
 * UTF-16 units and differs above U+FFFF.
 */
export function compareCodePoints(a: string, b: string): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xs = x >= 0xd800 && x <= 0xdfff;
    const ys = y >= 0xd800 && y <= 0xdfff;
    // A surrogate stands for a code point above every other unit.
    if (xs !== ys) return xs ? 1 : -1;
    return x < y ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

/** The order everything is folded in: oldest first, ties by id. */
export function compareEvents(
  a: Pick<SignalEvent, "occurred_at" | "event_id">,
  b: Pick<SignalEvent, "occurred_at" | "event_id">,
): -1 | 0 | 1 {
  if (a.occurred_at !== b.occurred_at) return a.occurred_at < b.occurred_at ? -1 : 1;
  return compareCodePoints(a.event_id, b.event_id);
}
