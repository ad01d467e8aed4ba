import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cleanDeep, cleanText, cutText } from "./text.ts";

const anyText = fc.string({ unit: fc.nat(0xffff).map((n) => String.fromCharCode(n)) });

describe("cleanText", () => {
  it("drops NUL and replaces lone surrogates, pairs stay", () => {
    expect(cleanText("a\0b")).toBe("ab");
    expect(cleanText("x\ud800y\udc00z")).toBe("x\ufffdy\ufffdz");
    expect(cleanText("\u{1f600}")).toBe("\u{1f600}");
    // NUL goes first, so the halves it kept apart are a pair again.
    expect(cleanText("\ud83d\0\ude00")).toBe("\u{1f600}");
  });

  it("is idempotent and leaves text that UTF-8 carries unchanged", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = cleanText(text);
        expect(cleanText(clean)).toBe(clean);
        expect(clean).not.toContain("\0");
        expect(Buffer.from(clean, "utf8").toString("utf8")).toBe(clean);
      }),
    );
  });
});

describe("cleanDeep", () => {
  it("cleans keys and values at any depth and turns Infinity into null", () => {
    const given = JSON.parse(
      String.raw`{"a\u0000": ["\ud800", 1e999, {"b": "\u0000c"}], "n": null, "t": true}`,
    ) as unknown;
    expect(cleanDeep(given)).toEqual({ a: ["\ufffd", null, { b: "c" }], n: null, t: true });
  });

  it("never lets a key reach a prototype", () => {
    const given = JSON.parse(
      String.raw`{"__proto__": {"polluted": 1}, "__proto\u0000__": {"polluted": 2}, "ok": 1}`,
    ) as unknown;
    const clean = cleanDeep(given) as Record<string, unknown>;
    expect(Object.keys(clean)).toEqual(["ok"]);
    expect(Object.getPrototypeOf(clean)).toBe(Object.prototype);
    expect(clean["polluted"]).toBeUndefined();
  });
});

describe("cutText", () => {
  it("never keeps half of a pair", () => {
    expect(cutText("ab\u{1f600}", 3)).toBe("ab");
    expect(cutText("ab\u{1f600}", 4)).toBe("ab\u{1f600}");
    expect(cutText("abc", 2)).toBe("ab");
  });
});
