import { strings } from "../strings.ts";

const LOCALE = "en";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });

/** 12345 -> `12,345`. */
export function formatCount(value: number): string {
  return whole.format(value);
}

/** 12345 -> `12.3K`, for axes and narrow places. */
export function formatShort(value: number): string {
  return compact.format(value);
}

/** A number with this many digits behind the point; 0.1234 -> `0.12`. */
export function formatNumber(value: number, digits = 2): string {
  return new Intl.NumberFormat(LOCALE, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** A share in [0, 1] as `12.3%`. */
export function formatShare(share: number, digits = 1): string {
  return `${formatNumber(share * 100, digits)}%`;
}

/** Milliseconds as a person says them: `350 ms`, `1.2 s`, `3 min`, `5.1 h`, `2.0 d`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${formatNumber(ms / 1_000, 1)} s`;
  if (ms < 3_600_000) return `${formatNumber(ms / 60_000, 1)} min`;
  if (ms < 86_400_000) return `${formatNumber(ms / 3_600_000, 1)} h`;
  return `${formatNumber(ms / 86_400_000, 1)} d`;
}

/** How long ago something was, from its age in milliseconds; the future counts as now. */
export function formatAgo(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1_000);
  if (seconds < 1) return strings.ago.now;
  if (seconds < 60) return strings.ago.seconds(seconds);
  if (seconds < 3_600) return strings.ago.minutes(Math.floor(seconds / 60));
  if (seconds < 86_400) return strings.ago.hours(Math.floor(seconds / 3_600));
  return strings.ago.days(Math.floor(seconds / 86_400));
}

/** `2026-06-12 12:00:00` in the given zone, else the reader's own. */
export function formatTime(at: Date, timeZone?: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv", {
    dateStyle: "short",
    timeStyle: "medium",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
}

/** The reader's zone as `Europe/Berlin`. */
export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
