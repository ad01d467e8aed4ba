import { expect, test } from "vitest";

import { hash32 } from "./hash.ts";

// Reference values of 32-bit FNV-1a.
test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("FNV-1a of %j", (text, expected) => {
  expect(hash32(text)).toBe(expected);
});
