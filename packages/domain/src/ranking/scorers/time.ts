/** Share of a neighbouring hour in a smoothed hour; the hour itself has twice as much. */
const SIDE = 0.25;

/**
 * How usual the present hour (UTC) is for a person: the histogram of positive events, smoothed over
 * the neighbouring hours around the clock by (1/4, 1/2, 1/4), at this hour, relative to its peak.
 * The same for every candidate: it says how good the moment is, not which item suits it.
 */
export function timeAlignment(hours: readonly number[], nowMs: number): number {
  const n = hours.length;
  let peak = 0;
  for (let hour = 0; hour < n; hour++) peak = Math.max(peak, smoothed(hours, hour));
  if (peak === 0) return 0;
  return smoothed(hours, new Date(nowMs).getUTCHours() % n) / peak;
}

function smoothed(hours: readonly number[], hour: number): number {
  const n = hours.length;
  const before = hours[(hour + n - 1) % n] ?? 0;
  const after = hours[(hour + 1) % n] ?? 0;
  return SIDE * before + (1 - 2 * SIDE) * (hours[hour] ?? 0) + SIDE * after;
}
