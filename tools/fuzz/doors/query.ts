import fc from "fast-check";

import { edgeNumber, itemId, oddId, personId } from "../values.ts";

/** Text as a path or query carries it: encoded, as it stands, or with a broken escape. */
export function urlText(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: text.map((one) => encodeURIComponent(one.toWellFormed())) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "%",
        "%zz",
        "%c3%28",
        "%ed%a0%80",
        "%u0041",
        "a%2",
        "%00",
        "+",
        "%ff",
        "%c0%af",
      ),
    },
    { weight: 1, arbitrary: text.map((one) => `${encodeURIComponent(one.toWellFormed())}%`) },
    { weight: 1, arbitrary: text.map((one) => one.replaceAll(/[^\w.\-~*>'$(),;:@!]/g, "")) },
  );
}

const numberText = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "0",
    "-1",
    "1",
    "10",
    "100",
    "101",
    "1e3",
    "1.5",
    "NaN",
    "Infinity",
    "0x10",
    "9".repeat(400),
    "10abc",
    "\u0661\u0660",
  ),
  edgeNumber.map(String),
);
const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
  user_id: personId,
  limit: numberText,
  cursor: fc.oneof(
    oddId,
    fc.base64String({ maxLength: 40 }),
    fc.constantFrom("WyJ1c2VyIl0", "e30", "bnVsbA", "W10"),
  ),
  filter: fc.constantFrom(
    "theme:label 1",
    ":",
    "a:",
    "theme:",
    "constructor:prototype",
    "__proto__:x",
    "a:b:c",
    "\0:\0",
    "theme",
  ),
  exclude: fc.array(itemId, { maxLength: 5 }).map((ids) => ids.join(",")),
  near_lat: numberText,
  near_lon: numberText,
  geo_radius_m: numberText,
  explain: fc.constantFrom("true", "false", "1", "yes", "", "TRUE", "null"),
  include_content: fc.constantFrom("true", "0", "x"),
  query: fc.oneof(
    oddId,
    fc.constantFrom("item", "%", "_", ".*", "(", "[", "\\", "a".repeat(1_001)),
  ),
  tag: fc.constantFrom("theme:label 1", ":", "constructor", "__proto__", "x".repeat(302)),
  app: fc.oneof(oddId, fc.constantFrom("ingest-webhook", "user-model-updater")),
  code: fc.oneof(
    oddId,
    fc.constantFrom("NO_IDENTITY", "MALFORMED_JSON", "TOO_DEEP", "constructor"),
  ),
};

/** Query strings of these parameters, with repeats, unknown names and broken escapes. */
export function queryOf(names: readonly string[]): fc.Arbitrary<string> {
  const known = names.map((name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no values for the parameter ${name}`);
    return urlText(value).map((text) => `${name}=${text}`);
  });
  const [first = fc.constant("")] = known;
  const odd = fc.oneof(
    fc.tuple(urlText(oddId), urlText(oddId)).map(([name, value]) => `${name}=${value}`),
    fc.constantFrom(
      "limti=3",
      "user_id",
      "=",
      "&",
      "user_id[]=a",
      "user_id[a]=b",
      "__proto__=x",
      "constructor[prototype]=x",
      "a=b=c",
      ";",
    ),
  );
  return fc
    .tuple(
      fc.option(first, { freq: 8 }),
      fc.array(fc.oneof(...known), { maxLength: 4 }),
      fc.array(odd, { maxLength: 1 }),
    )
    .map(([lead, more, strange]) =>
      [...(lead === null ? [] : [lead]), ...more, ...strange].join("&"),
    )
    .map((text) => (text === "" ? "" : `?${text}`));
}
