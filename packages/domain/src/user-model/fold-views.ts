import type { SignalsConfig } from "./config.ts";
import type { TimedEvent } from "./ordered-events.ts";

/** All views of one item. */
export interface ViewFacts {
  visits: number;
  /** Views that said how they ended. */
  ended: number;
  /** Of those, by a reason that counts as completed. */
  completed: number;
  /** Best completion value, [-0.5, 1]; undefined while no view has ended. */
  completion: number | undefined;
  /** Milliseconds: the longest a view says of itself, else the longest from a start to its end. */
  dwellMs: number | undefined;
}

/**
 * Folds the views among the events of one item. A start opens a visit; an end closes the open one,
 * or is a visit of its own when the start was lost. Several starts before an end count from the
 * first.
 *
 * @param touches canonical order.
 */
export function foldViews(touches: readonly TimedEvent[], config: SignalsConfig): ViewFacts {
  let visits = 0;
  let ended = 0;
  let completed = 0;
  let completion: number | undefined;
  let said: number | undefined;
  let measured: number | undefined;
  let openMs: number | undefined;
  for (const { event, ms } of touches) {
    if (event.kind !== "viewed") continue;
    if (event.dwell_ms !== undefined) said = Math.max(said ?? 0, event.dwell_ms);
    if (event.end_reason === undefined) {
      visits++;
      openMs ??= ms;
      continue;
    }
    if (openMs === undefined) visits++;
    else measured = Math.max(measured ?? 0, ms - openMs);
    openMs = undefined;
    ended++;
    if (config.completedBy.includes(event.end_reason)) completed++;
    const value = config.completion[event.end_reason];
    completion = completion === undefined ? value : Math.max(completion, value);
  }
  return { visits, ended, completed, completion, dwellMs: said ?? measured };
}

/** min(dwell / reading time, cap) / cap, in [0, 1]; without an estimate any time counts fully. */
export function dwellRatio(
  dwellMs: number,
  readingMs: number | undefined,
  reading: SignalsConfig["reading"],
): number {
  if (readingMs === undefined) return dwellMs > 0 ? 1 : 0;
  return Math.min(dwellMs / readingMs, reading.dwellCap) / reading.dwellCap;
}
