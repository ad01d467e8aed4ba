import { hourOfDay } from "./measures.ts";

/** When a value is looked at, and where its person last was. */
export interface FeatureMoment {
  nowMs: number;
  /** Minutes east of UTC of the person's newest event that told it; undefined = UTC. */
  utcOffsetMin?: number | undefined;
}

/** Dwell at which the normalised value is 1 - 1/e, milliseconds. */
const DWELL_SCALE_MS = 30_000;
/** Tips at which the normalised volume is 1. */
const FULL_VOLUME = 300;
/** Hour alignment of a person of whom no hour is known. */
const NEUTRAL_ALIGNMENT = 0.5;
const HOURS = 24;

/** A rate as it is, [0, 1]. */
export function normaliseRate(rate: number | null): number {
  return rate ?? 0;
}

/** 1 - exp(-ms / 30 s), [0, 1); null is 0. */
export function normaliseDwell(ms: number | null): number {
  return ms === null ? 0 : 1 - Math.exp(-ms / DWELL_SCALE_MS);
}

/** log1p(n) / log1p(300), at most 1; null is 0. */
export function normaliseVolume(tips: number | null): number {
  return tips === null ? 0 : Math.min(1, Math.log1p(tips) / Math.log1p(FULL_VOLUME));
}

/**
 * How near the present hour is to the preferred one around the clock: 1 in it, 0 twelve hours away,
 * along a cosine; 0.5 when none is known.
 */
export function alignHour(hour: number | null, { nowMs, utcOffsetMin }: FeatureMoment): number {
  if (hour === null) return NEUTRAL_ALIGNMENT;
  const distance = hour - hourOfDay(nowMs, utcOffsetMin);
  return (1 + Math.cos((2 * Math.PI * distance) / HOURS)) / 2;
}
