/** Events older than 30 days are refused; a day is left for a replay that is resumed later. */
export const REPLAY_SPAN_MS = 29 * 24 * 3_600_000;

/**
 * Maps times linearly onto [`untilMs` - 29 days, `untilMs`].
 * Keeps the order; equal times come out one millisecond apart in the order given, as long as there
 * are no more times than milliseconds in the span (else they may stay equal).
 * @param times ascending, any unit.
 * @returns whole milliseconds since 1970, ascending.
 */
export function mapTimes(times: readonly number[], untilMs: number): number[] {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) return [];
  const start = untilMs - REPLAY_SPAN_MS;
  const scale = last > first ? REPLAY_SPAN_MS / (last - first) : 0;
  // All at one time: they end at the anchor.
  const base = scale === 0 ? untilMs : start;
  const mapped = times.map((time) => Math.min(untilMs, base + Math.floor((time - first) * scale)));
  const step = times.length > REPLAY_SPAN_MS ? 0 : 1;
  for (let i = 1; i < mapped.length; i++) {
    mapped[i] = Math.max(at(mapped, i), at(mapped, i - 1) + step);
  }
  // What was pushed past the anchor moves back, and whatever stands in its way with it.
  let limit = untilMs;
  for (let i = mapped.length - 1; i >= 0 && at(mapped, i) > limit; i--) {
    mapped[i] = limit;
    limit -= step;
  }
  return mapped;
}

function at(values: readonly number[], index: number): number {
  return values[index] as number;
}
