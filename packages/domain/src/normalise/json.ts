/** A JSON object as parsed: read it with `own`, never by plain index. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is a JSON object, else an empty one: third parties put anything anywhere. */
export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** Own property only: `constructor` or `__proto__` of the prototype is never an answer. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** First of the keys that `read` makes something of. */
export function firstOf<T>(
  object: JsonObject,
  keys: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const key of keys) {
    const found = read(own(object, key));
    if (found !== undefined) return found;
  }
  return undefined;
}

export type JsonFlaw = "TOO_DEEP" | "UNSAFE_BODY";

/** Deepest nesting of one event; `{}` and `[]` are 1 deep. */
export const MAX_JSON_DEPTH = 40;

/**
 * First flaw of a parsed value, or undefined. TOO_DEEP wins over UNSAFE_BODY. Unsafe is what
 * reaches a prototype through a careless merge: an own key `__proto__`, or a `constructor` that
 * holds a `prototype` (a plain property called `constructor` is data like any other).
 */
export function findFlaw(value: unknown, maxDepth = MAX_JSON_DEPTH): JsonFlaw | undefined {
  return walk(value, maxDepth);
}

function walk(value: unknown, left: number): JsonFlaw | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (left === 0) return "TOO_DEEP";
  let flaw: JsonFlaw | undefined;
  for (const key of Object.keys(value)) {
    const member = (value as JsonObject)[key];
    if (isUnsafe(key, member)) flaw = "UNSAFE_BODY";
    const inner = walk(member, left - 1);
    if (inner === "TOO_DEEP") return inner;
    flaw ??= inner;
  }
  return flaw;
}

function isUnsafe(key: string, member: unknown): boolean {
  if (key === "__proto__") return true;
  return key === "constructor" && isObject(member) && Object.hasOwn(member, "prototype");
}

/**
 * JSON with sorted keys, so that equal data has equal text whoever serialised it.
 * The value must not be deeper than `MAX_JSON_DEPTH`.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}

/** A finite number, also when it came as its plain decimal text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.length > 64) return undefined;
  const text = value.trim();
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** A safe whole number in [min, max]. */
export function integerOf(value: unknown, min: number, max: number): number | undefined {
  const number = numberOf(value);
  if (number === undefined || !Number.isSafeInteger(number)) return undefined;
  return number >= min && number <= max ? number + 0 : undefined;
}
