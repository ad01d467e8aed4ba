import type { Clock, NewId } from "./port.ts";

/** A clock that stands still until it is told otherwise. */
export interface ManualClock {
  now: Clock;
  advance(ms: number): void;
  set(ms: number): void;
}

export function createManualClock(startMs = Date.UTC(2026, 5, 12, 12)): ManualClock {
  let ms = startMs;
  return {
    now: () => ms,
    advance: (by) => void (ms += by),
    set: (to) => void (ms = to),
  };
}

/** Ids `00000000-0000-4000-8000-000000000001`, ...002, ...: the same in every run. */
export function createCountingIds(): NewId {
  let n = 0;
  return () => `00000000-0000-4000-8000-${String(++n).padStart(12, "0")}`;
}
