import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { compareCodePoints, compareEvents } from "./order.ts";

const anyText = fc.string({ unit: "binary" });

describe("compareCodePoints", () => {
  test("is the byte order of the UTF-8 forms", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const bytes = Math.sign(Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8")));
        expect(compareCodePoints(a, b)).toBe(bytes);
      }),
    );
  });

  test("puts what lies above U+FFFF after all else, unlike UTF-16 units", () => {
    expect(["\uFFFD", "\u{1F600}"].toSorted()).toEqual(["\u{1F600}", "\uFFFD"]);
    expect(compareCodePoints("\u{1F600}", "\uFFFD")).toBe(1);
    expect(compareCodePoints("\uFFFD", "\u{1F600}")).toBe(-1);
  });

  test("a prefix comes first, equal texts are equal", () => {
    expect(compareCodePoints("ab", "abc")).toBe(-1);
    expect(compareCodePoints("abc", "ab")).toBe(1);
    expect(compareCodePoints("abc", "abc")).toBe(0);
  });
});

describe("compareEvents", () => {
  const at = (occurred_at: string, event_id: string) => ({ occurred_at, event_id });

  test("older first, ties by id", () => {
    const early = at("2026-06-12T12:00:00.000Z", "z");
    const late = at("2026-06-12T12:00:00.001Z", "a");
    expect(compareEvents(early, late)).toBe(-1);
    expect(compareEvents(late, early)).toBe(1);
    expect(compareEvents(early, { ...early, event_id: "y" })).toBe(1);
    expect(compareEvents(early, { ...early })).toBe(0);
  });
});
