import { firstOf, type JsonObject } from "./json.ts";
import { cleanText } from "./text.ts";

/** Longer ids count as absent: a cut one could be somebody else's. UTF-16 units. */
const MAX_ID = 200;

/**
 * What clients send when they have no id. Each would merge thousands of people into one.
 * Compared trimmed and lower-cased.
 */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "null",
  "(null)",
  "nil",
  "undefined",
  "none",
  "nan",
  "n/a",
  "true",
  "false",
  "unknown",
  "anonymous",
  "guest",
  "id",
  "user",
  "email",
  "distinct_id",
  "distinctid",
  "[object object]",
  "not_authenticated",
  "system",
  "backend",
]);

/**
 * A number as an id's text. A whole number beyond 2^53 was rounded when it was parsed: two ids may
 * have become one, so it counts as no id.
 */
export function numberText(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : `${value}`;
}

/** An id as text: cleaned, trimmed, 1 to 200 characters; a number becomes its text. */
export function idText(value: unknown): string | undefined {
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "string") return undefined;
  const text = cleanText(value).trim();
  return text.length > 0 && text.length <= MAX_ID ? text : undefined;
}

/**
 * An id that URLs name somebody or something by. `.` and `..` are none: no URL can carry them, so what
 * they name could never be asked for or erased.
 */
export function namedId(value: unknown): string | undefined {
  const text = idText(value);
  return text === "." || text === ".." ? undefined : text;
}

/** An id that names one person or device: not a placeholder, not zeros only. */
export function personId(value: unknown): string | undefined {
  const text = namedId(value);
  if (text === undefined || PLACEHOLDERS.has(text.toLowerCase())) return undefined;
  return /^0[0-]*$/.test(text) ? undefined : text;
}

/** Who an event is about; all absent = nobody. */
export interface EventIdentity {
  user_id?: string;
  anonymous_id?: string;
  /** The id that an alias replaces; no identity by itself. */
  previous_id?: string;
}

/** Ids of an event as sent; camelCase wins over its snake_case alias when both are usable. */
export function readIdentity(raw: JsonObject): EventIdentity {
  const user = firstOf(raw, ["userId", "user_id"], personId);
  const anonymous = firstOf(raw, ["anonymousId", "anonymous_id"], personId);
  const previous = firstOf(raw, ["previousId", "previous_id"], personId);
  return {
    ...(user === undefined ? {} : { user_id: user }),
    ...(anonymous === undefined ? {} : { anonymous_id: anonymous }),
    ...(previous === undefined ? {} : { previous_id: previous }),
  };
}
