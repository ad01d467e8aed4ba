import { describe, expect, test } from "vitest";

import {
  compareBytes,
  encodeStrings,
  findString,
  sortForSearch,
  stringAt,
  stringCount,
} from "./string-table.ts";

const STRINGS = [
  "",
  "10",
  "9",
  "A",
  "\uFEFFb",
  "a",
  "ab",
  "__proto__",
  "\u00E9",
  "\uFFFD",
  "\u{1F4A3}",
];

describe("a table of strings", () => {
  test("gives back every string in its order", () => {
    const table = encodeStrings(STRINGS);
    expect(stringCount(table)).toBe(STRINGS.length);
    expect(STRINGS.map((_, row) => stringAt(table, row))).toEqual(STRINGS);
    expect(stringCount(encodeStrings([]))).toBe(0);
    for (const row of [-1, STRINGS.length, 0.5]) {
      expect(() => stringAt(table, row)).toThrow(RangeError);
    }
  });

  test("has these bytes", () => {
    const { bytes, offsets } = encodeStrings(["a", "\u00E9", ""]);
    expect([...bytes]).toEqual([97, 0xc3, 0xa9]);
    expect([...offsets]).toEqual([0, 1, 3, 3]);
  });

  test("is searched when it is in the order of its bytes", () => {
    const sorted = sortForSearch(STRINGS);
    const table = encodeStrings(sorted);
    sorted.forEach((text, row) => expect(findString(table, text)).toBe(row));
    for (const text of ["0", "100", "b", "zz", "e\u0301", "\uD800", "\u{1F4A4}"]) {
      expect(findString(table, text)).toBe(-1);
    }
    expect(findString(encodeStrings([]), "a")).toBe(-1);
  });

  test("sorts by code point, not by UTF-16 unit", () => {
    expect(sortForSearch(["\u{1F4A3}", "\uFFFD", "b", "ab"])).toEqual([
      "ab",
      "b",
      "\uFFFD",
      "\u{1F4A3}",
    ]);
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
  });

  test("may lie in shared memory", () => {
    const { bytes, offsets } = encodeStrings(["a", "b"]);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expect(stringAt({ bytes: shared, offsets }, 1)).toBe("b");
    expect(findString({ bytes: shared, offsets }, "b")).toBe(1);
  });

  test("refuses a lone surrogate, which would become another string", () => {
    expect(() => encodeStrings(["a\uDC00"])).toThrow(RangeError);
  });
});
