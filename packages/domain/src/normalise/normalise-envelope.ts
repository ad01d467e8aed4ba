import { END_REASONS, EVENT_KINDS, REACTIONS, type SignalEvent } from "../events/types.ts";
import { CLOCK_SKEW_MS } from "../events/window.ts";
import { idText, namedId, personId } from "./identity.ts";
import { findFlaw, isObject, MAX_JSON_DEPTH, own, type JsonObject } from "./json.ts";
import { cleanObject, cleanText } from "./text.ts";
import { canonicalTimeText, judgeTime, parseTime } from "./time.ts";

export type EnvelopeResult =
  | { ok: true; event: SignalEvent; clamped: boolean }
  | { ok: false; code: "INVALID_EVENT" | "EXPIRED"; detail: string };

/** Reads one field: its normal form, undefined = leave it out; throws nothing. */
type Read = (value: unknown) => { value: unknown } | "wrong";

const text =
  (max: number): Read =>
  (value) => {
    if (typeof value !== "string") return "wrong";
    const clean = cleanText(value);
    return clean.length <= max ? { value: clean } : "wrong";
  };
const number =
  (min: number, max: number, whole = false): Read =>
  (value) =>
    typeof value === "number" &&
    Number.isFinite(value) &&
    value >= min &&
    value <= max &&
    (!whole || Number.isSafeInteger(value))
      ? { value: value + 0 }
      : "wrong";
const oneOf =
  (allowed: readonly string[]): Read =>
  (value) =>
    allowed.some((word) => word === value) ? { value } : "wrong";
/** An id that is unusable counts as absent. */
const looseId: Read = (value) => ({ value: idText(value) });
const item: Read = (value) => ({ value: namedId(value) });
const person: Read = (value) => ({ value: personId(value) });
const record: Read = (value) => (isObject(value) ? { value: cleanObject(value) } : "wrong");
const flag: Read = (value) => (typeof value === "boolean" ? { value } : "wrong");
const idList: Read = (value) =>
  Array.isArray(value) && value.length <= 1_000
    ? { value: value.map(namedId).filter((id) => id !== undefined) }
    : "wrong";
const point: Read = (value) => {
  if (!isObject(value)) return "wrong";
  const lat = number(-90, 90)(own(value, "lat"));
  const lon = number(-180, 180)(own(value, "lon"));
  if (lat === "wrong" || lon === "wrong") return "wrong";
  return { value: { lat: lat.value, lon: lon.value } };
};
const ANY = Number.MAX_VALUE;
const WHOLE = Number.MAX_SAFE_INTEGER;

/** Every field but the two times, in the order in which they are written. */
const FIELDS: readonly (readonly [keyof SignalEvent, Read])[] = [
  ["event_id", looseId],
  ["project_id", number(1, WHOLE, true)],
  ["user_id", person],
  ["anonymous_id", person],
  ["previous_id", person],
  ["kind", oneOf(EVENT_KINDS)],
  ["item_id", item],
  ["reaction", oneOf(REACTIONS)],
  ["dwell_ms", number(0, ANY)],
  ["end_reason", oneOf(END_REASONS)],
  ["rating", number(1, 5)],
  ["request_id", looseId],
  ["session_id", looseId],
  ["position", number(1, WHOLE, true)],
  ["impressions", idList],
  ["traits", record],
  ["answers", record],
  ["query", text(1_000)],
  ["location", point],
  ["value", number(-ANY, ANY)],
  ["source", text(100)],
  ["is_bot", flag],
  ["utc_offset_min", number(-840, 840, true)],
  ["slot_id", number(-WHOLE, WHOLE, true)],
  ["experiment_id", text(100)],
  ["variation_index", number(0, WHOLE, true)],
];

/**
 * Normal form of an envelope that came over the bus, whoever published it. Ids that are too long
 * or placeholders count as absent, NUL and lone surrogates go, unknown fields go, `occurred_at` is
 * clamped (over 5 minutes ahead) or refused (EXPIRED, over 30 days behind).
 * Idempotent: what came out goes through unchanged. Never throws on a parsed JSON value.
 *
 * @param options.receivedAtMs when the bus took the message, milliseconds since 1970
 */
export function normaliseEnvelope(raw: unknown, options: { receivedAtMs: number }): EnvelopeResult {
  if (!isObject(raw)) return invalid("an event must be a JSON object");
  const flaw = findFlaw(raw);
  if (flaw === "TOO_DEEP") return invalid(`nested deeper than ${MAX_JSON_DEPTH}`);
  if (flaw !== undefined) return invalid("holds a key that could reach a prototype");
  const fields = readFields(raw);
  if (typeof fields === "string") return invalid(`${fields} has a wrong type or range`);
  for (const required of ["event_id", "project_id", "kind"] as const) {
    if (fields[required] === undefined) return invalid(`${required} is required`);
  }
  if (fields.user_id === undefined && fields.anonymous_id === undefined) {
    return invalid("no usable user_id or anonymous_id");
  }
  return withTimes(raw, fields, options.receivedAtMs);
}

function readFields(raw: JsonObject): Partial<SignalEvent> | string {
  const fields: [string, unknown][] = [];
  for (const [name, read] of FIELDS) {
    const given = own(raw, name);
    if (given === undefined) continue;
    const result = read(given);
    if (result === "wrong") return name;
    if (result.value !== undefined) fields.push([name, result.value]);
  }
  return Object.fromEntries(fields);
}

function withTimes(
  raw: JsonObject,
  fields: Partial<SignalEvent>,
  receivedAtMs: number,
): EnvelopeResult {
  const occurred = parseTime(own(raw, "occurred_at"));
  if (occurred === undefined) return invalid("occurred_at is no time after 2000");
  const arrival = arrivalOf(raw, receivedAtMs);
  const time = judgeTime(occurred, arrival);
  if (time.expired) return { ok: false, code: "EXPIRED", detail: "older than 30 days" };
  const offset = fields.utc_offset_min ?? time.offsetMin;
  const event = {
    ...fields,
    occurred_at: canonicalTimeText(time.ms),
    received_at: canonicalTimeText(arrival),
    ...(offset === undefined ? {} : { utc_offset_min: offset }),
  } as SignalEvent;
  return { ok: true, event, clamped: time.clamped };
}

/**
 * `received_at` as the first of our services wrote it, when it is believable: what was inside the
 * window at the edge must not fall out of it on the way through the bus.
 */
function arrivalOf(raw: JsonObject, receivedAtMs: number): number {
  const received = parseTime(own(raw, "received_at"))?.ms;
  if (received === undefined) return receivedAtMs;
  return Math.abs(received - receivedAtMs) <= CLOCK_SKEW_MS ? received : receivedAtMs;
}

function invalid(detail: string): EnvelopeResult {
  return { ok: false, code: "INVALID_EVENT", detail };
}
