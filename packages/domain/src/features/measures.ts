import type { Reaction } from "../events/types.ts";
import type { Tip } from "./tips.ts";

const HOURS = 24;
const MINUTE_MS = 60_000;

/** Tips that were shown. */
export function tipVolume(tips: readonly Tip[]): number {
  let shown = 0;
  for (const tip of tips) if (tip.servedAt !== undefined) shown += 1;
  return shown;
}

/** Share of the tips shown that got `reaction`, in [0, 1]; 0 when none was shown. */
export function reactionRate(tips: readonly Tip[], reaction: Reaction): number {
  const shown = tipVolume(tips);
  if (shown === 0) return 0;
  let reacted = 0;
  for (const tip of tips) {
    if (tip.servedAt !== undefined && tip.reactions.includes(reaction)) reacted += 1;
  }
  return reacted / shown;
}

/**
 * Mean time spent on the tips that got a reaction, milliseconds: what the reaction says, else from
 * the impression to the reaction. A reaction before its impression says nothing.
 * @returns null when no tip says anything.
 */
export function meanDwellMs(tips: readonly Tip[]): number | null {
  let count = 0;
  let sum = 0;
  // Smallest first: the sum must not depend on the order of the events.
  for (const dwell of tips.flatMap(dwellOf).sort((a, b) => a - b)) {
    count += 1;
    sum += dwell;
  }
  return count === 0 ? null : sum / count;
}

function dwellOf({ dwellMs, servedAt, reactedAt }: Tip): number[] {
  if (dwellMs !== undefined) return [dwellMs];
  if (servedAt === undefined || reactedAt === undefined || reactedAt < servedAt) return [];
  return [Date.parse(reactedAt) - Date.parse(servedAt)];
}

/**
 * Hour of day 0 to 23 in which most tips were first `done`, by the clock of the sender where the
 * event tells its offset, else UTC; the smallest of several.
 * @returns null when none was done.
 */
export function preferredHour(tips: readonly Tip[]): number | null {
  const counts = Array.from({ length: HOURS }, () => 0);
  for (const { done } of tips) {
    if (done === undefined) continue;
    const hour = hourOfDay(Date.parse(done.occurred_at), done.utc_offset_min);
    counts[hour] = (counts[hour] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  return most === 0 ? null : counts.indexOf(most);
}

/** Hour of day 0 to 23 at a place `offsetMin` minutes east of UTC. */
export function hourOfDay(ms: number, offsetMin = 0): number {
  return new Date(ms + offsetMin * MINUTE_MS).getUTCHours();
}
