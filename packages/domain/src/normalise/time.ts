import { BUFFER_WINDOW_MS, CLOCK_SKEW_MS } from "../events/window.ts";
import { own, type JsonObject } from "./json.ts";

/** Clocks that were never set say 1970 or 2000; nothing real is older than this. */
const EARLIEST_MS = Date.UTC(2001, 0, 1);
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const MINUTE_MS = 60_000;
/** Widest offset of any zone on earth, minutes. */
const MAX_OFFSET_MIN = 840;

/** An instant and, when the text named one, its zone's offset in minutes east of UTC. */
export interface ParsedTime {
  ms: number;
  offsetMin: number | undefined;
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * ISO 8601 text (no zone = UTC), or a number of milliseconds or seconds since 1970. Never reads the
 * machine's zone. Undefined when it is no time or lies outside the years 2001 to 9999.
 * `Z` names no local zone, so it gives no offset; `+00:00` gives 0.
 */
export function parseTime(value: unknown): ParsedTime | undefined {
  const time = typeof value === "number" ? fromNumber(value) : fromText(value);
  if (time === undefined) return undefined;
  return time.ms >= EARLIEST_MS && time.ms <= LATEST_MS ? time : undefined;
}

function fromNumber(value: number): ParsedTime | undefined {
  if (!Number.isFinite(value)) return undefined;
  // 1e11 is the year 5138 in seconds and 1973 in milliseconds: neither reading is ambiguous.
  return { ms: Math.trunc(value < 1e11 ? value * 1_000 : value), offsetMin: undefined };
}

function fromText(value: unknown): ParsedTime | undefined {
  if (typeof value !== "string" || value.length > 64) return undefined;
  const match = ISO.exec(value.trim());
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? "0");
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(part) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const monthDays = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > monthDays) return undefined;
  // 60 is a leap second; it rolls into the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const millis = Number((match[7] ?? "0").padEnd(3, "0").slice(0, 3));
  const offset = match[9] === undefined ? undefined : part(10) * 60 + part(11);
  if (offset !== undefined && (part(10) > 23 || part(11) > 59)) return undefined;
  const signed = match[9] === "-" ? -(offset ?? 0) : (offset ?? 0);
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  const known = offset !== undefined && offset <= MAX_OFFSET_MIN;
  return { ms: local - signed * MINUTE_MS, offsetMin: known ? signed + 0 : undefined };
}

/** Canonical form: `2026-06-12T12:00:00.000Z`. `ms` within the years 2001 to 9999. */
export function canonicalTimeText(ms: number): string {
  return new Date(ms).toISOString();
}

/** When an event happened, by its own words and by when it arrived. */
export type OccurredAt =
  | { expired: false; ms: number; offsetMin: number | undefined; clamped: boolean }
  | { expired: true; ms: number };

/**
 * Over 5 minutes ahead of `receivedAtMs`: that instant, `clamped`. Over 30 days behind: expired.
 */
export function judgeTime(time: ParsedTime, receivedAtMs: number): OccurredAt {
  if (time.ms > receivedAtMs + CLOCK_SKEW_MS) {
    return { expired: false, ms: receivedAtMs, offsetMin: time.offsetMin, clamped: true };
  }
  if (time.ms < receivedAtMs - BUFFER_WINDOW_MS) return { expired: true, ms: time.ms };
  return { expired: false, ms: time.ms, offsetMin: time.offsetMin, clamped: false };
}

/**
 * `timestamp`, else the arrival corrected by what the device's own clock says passed between event
 * and sending, else `receivedAtMs`. The arrival of that correction is the sender's `receivedAt`
 * (an event may wait hours in its retries), or ours when there is none.
 */
export function readOccurredAt(raw: JsonObject, receivedAtMs: number): OccurredAt {
  const original = parseTime(own(raw, "originalTimestamp"));
  const time =
    parseTime(own(raw, "timestamp")) ??
    skewCorrected(raw, original, receivedAtMs) ??
    ({ ms: receivedAtMs, offsetMin: undefined } satisfies ParsedTime);
  return judgeTime({ ms: time.ms, offsetMin: time.offsetMin ?? original?.offsetMin }, receivedAtMs);
}

function skewCorrected(
  raw: JsonObject,
  original: ParsedTime | undefined,
  receivedAtMs: number,
): ParsedTime | undefined {
  const sent = parseTime(own(raw, "sentAt"));
  if (original === undefined || sent === undefined) return undefined;
  const arrival = parseTime(own(raw, "receivedAt"))?.ms ?? receivedAtMs;
  const ms = arrival - (sent.ms - original.ms);
  if (ms < EARLIEST_MS || ms > LATEST_MS) return undefined;
  return { ms, offsetMin: original.offsetMin };
}
