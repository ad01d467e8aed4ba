import fc from "fast-check";

/** Ids that mean something to a subject, a key, a path, SQL, a log line or a screen. */
const ODD_IDS = [
  "*",
  ">",
  "a.b.c",
  "a b",
  " padded ",
  "line\r\nX-Evil: 1",
  "nul\0nul",
  "\ud800",
  "a\udc00b",
  "..",
  "../../etc/passwd",
  "%2e%2e",
  "%2e%2e%2f",
  "%00",
  "a/b",
  "a?b#c",
  "'; DROP TABLE events; --",
  "1' OR '1'='1",
  "$1",
  "{u:1:x}",
  "user:1:*",
  "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
  "\u202eevil",
  "\u200bzero\u200dwidth\ufeff",
  "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
  "e\u0301",
  "\u{1f469}\u200d\u{1f4bb}",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "NaN",
  "0",
  "-0",
  "00000000-0000-0000-0000-000000000000",
  "[object Object]",
  "\t",
  "",
] as const;

export const oddId: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ODD_IDS) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.nat({ max: 60 }).map((n) => "x".repeat(170 + n)) },
  { weight: 1, arbitrary: fc.constantFrom("x".repeat(10_000), "\u{1f600}".repeat(200)) },
);

/** Some few ids, so that events meet; odd ones among them. */
export const personId: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 9 }).map((n) => `u${n}`) },
  { weight: 3, arbitrary: oddId },
);
export const itemId: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 14 }).map((n) => `i${n}`) },
  { weight: 2, arbitrary: oddId },
);

export const edgeNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    -1,
    0.1,
    1e20,
    1e308,
    -1e308,
    5e-324,
    2 ** 31,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 53,
    2 ** 53 - 1,
    2 ** 63,
    1e21,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const NOON = Date.UTC(2026, 5, 12, 12);
export const time: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.nat({ max: 86_400_000 }).map((ago) => new Date(NOON - ago).toISOString()),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      "2026-06-12T17:30:00+05:30",
      "2026-06-12T12:00:00.123456789Z",
      "2026-06-12",
      "2026-02-30T00:00:00Z",
      "1970-01-01T00:00:00Z",
      "0000-00-00T00:00:00Z",
      "9999-12-31T23:59:59.999Z",
      "+275760-09-13T00:00:00Z",
      "2026-06-12T24:00:00Z",
      "2026-06-12T23:59:60Z",
      "2026-06-12T12:00:00+99:99",
      "Fri, 12 Jun 2026 12:00:00 GMT",
      "yesterday",
      "",
      null,
      true,
      {},
      [],
    ),
  },
  { weight: 1, arbitrary: edgeNumber },
  { weight: 1, arbitrary: fc.constantFrom(NOON, NOON / 1_000, -NOON, NOON * 1_000) },
);

/** Names that a careless merge takes for more than names. */
export const hostileKey: fc.Arbitrary<string> = fc.constantFrom(
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "toJSON",
  "then",
  "length",
  "__proto\0__",
  "\ud800",
  "",
  "$where",
  "a.b",
);

const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, "", "0", "null"),
  edgeNumber,
  oddId,
  time,
);

/** Deep nesting: far beyond what is read, and right at its edge. */
export const deep: fc.Arbitrary<unknown> = fc
  .tuple(fc.constantFrom(3, 37, 38, 39, 40, 41, 100, 3_000), fc.boolean(), scalar)
  .map(([levels, inArrays, leaf]) => {
    let value = leaf;
    for (let level = 0; level < levels; level++) value = inArrays ? [value] : { a: value };
    return value;
  });

/** An own key `__proto__`, as only JSON.parse and defineProperty make one. */
export function withOwn(object: object, key: string, value: unknown): object {
  const copy = Array.isArray(object) ? [...object] : { ...object };
  return Object.defineProperty<object>(copy, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

const polluted = fc
  .tuple(hostileKey, fc.constantFrom<unknown>({ polluted: 1 }, { prototype: { polluted: 1 } }, "x"))
  .map(([key, value]) => withOwn({}, key, value));

/** Anything where something else was expected. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 160, arbitrary: scalar },
  { weight: 40, arbitrary: fc.array(scalar, { maxLength: 5 }) },
  { weight: 40, arbitrary: fc.dictionary(fc.oneof(oddId, hostileKey), scalar, { maxKeys: 4 }) },
  { weight: 40, arbitrary: polluted },
  { weight: 15, arbitrary: deep },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1_200, 20_000).map((n) => Array.from({ length: n }, () => 1e20)),
  },
  { weight: 1, arbitrary: fc.constantFrom(1_001, 70_000, 300_000).map((n) => "\u00e9".repeat(n)) },
);
