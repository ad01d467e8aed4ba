import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cutBytes, jsonText } from "./json-text.ts";

describe("jsonText", () => {
  it("writes what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonText(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it("writes at depths where JSON.stringify gives up, any value inside", () => {
    fc.assert(
      fc.property(fc.json(), (inner) => {
        const compact = JSON.stringify(JSON.parse(inner));
        const levels = 20_000;
        const text = `${'{"a":[1,'.repeat(levels)}${compact}${"]}".repeat(levels)}`;
        const value = JSON.parse(text) as unknown;
        expect(() => JSON.stringify(value)).toThrow(RangeError);
        expect(jsonText(value) === text).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});

describe("cutBytes", () => {
  it("keeps the longest whole prefix that fits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, max) => {
        const cut = cutBytes(text, max);
        const size = Buffer.byteLength(cut.text);
        expect(size).toBeLessThanOrEqual(max);
        expect(text.startsWith(cut.text)).toBe(true);
        expect(cut.truncated).toBe(cut.text !== text);
        const next = text.codePointAt(cut.text.length);
        if (next !== undefined) {
          expect(size + Buffer.byteLength(String.fromCodePoint(next))).toBeGreaterThan(max);
        }
      }),
      { numRuns: 500 },
    );
  });
});
