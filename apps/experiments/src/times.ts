import { CLOCK_SKEW_MS } from "@signalpath/domain";

/** When an event happened: by its own words, now when it has none or lies too far ahead. */
export function occurredAt(given: string | null | undefined, nowMs: number): string {
  const ms = given === null || given === undefined ? nowMs : Date.parse(given);
  return new Date(ms > nowMs + CLOCK_SKEW_MS ? nowMs : ms).toISOString();
}
