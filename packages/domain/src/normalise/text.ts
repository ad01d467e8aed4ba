import { isObject } from "./json.ts";

/** Text that Postgres takes and UTF-8 can carry: no NUL, lone surrogates become U+FFFD. */
export function cleanText(text: string): string {
  const withoutNul = text.includes("\0") ? text.replaceAll("\0", "") : text;
  return withoutNul.toWellFormed();
}

/**
 * Copy of a JSON value with every text cleaned, keys too. Numbers that JSON cannot write
 * (`1e999` parses as Infinity) become null, as they would on the wire. Entries are defined, not
 * assigned, so that no key reaches a prototype. The value must not be deeper than `MAX_JSON_DEPTH`.
 */
export function cleanDeep(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(cleanDeep);
  return isObject(value) ? cleanObject(value) : null;
}

export function cleanObject(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(value)
    .filter(([key, member]) => key !== "__proto__" && member !== undefined)
    .map(([key, member]): [string, unknown] => [cleanText(key), cleanDeep(member)])
    // Cleaning may have made one: "__proto\0__".
    .filter(([key]) => key !== "__proto__");
  return Object.fromEntries(entries);
}

/** At most `max` UTF-16 units, never half of a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? max - 1 : max);
}
