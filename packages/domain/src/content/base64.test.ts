import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  decodeBase64,
  decodeFloat32,
  decodeUint32,
  encodeBase64,
  encodeFloat32,
  encodeUint32,
} from "./base64.ts";

describe("base64", () => {
  test("writes what Node writes and reads it back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64"));
        expect([...decodeBase64(text)]).toEqual([...bytes]);
      }),
    );
  });

  test("uses the whole alphabet", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);
    const text = encodeBase64(bytes);
    expect(text).toContain("+");
    expect(text).toContain("/");
    expect([...decodeBase64(text)]).toEqual([...bytes]);
  });

  test("writes more than one chunk", () => {
    const bytes = new Uint8Array(10_000).fill(7);
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  });

  test.each(["abc", "ab*d", "a===", "====", "ab=d", "äbcd"])("refuses %j", (text) => {
    expect(() => decodeBase64(text)).toThrow(RangeError);
  });
});

describe("32-bit words", () => {
  test("float32 values survive bit by bit", () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 50 }), (values) => {
        expect(decodeFloat32(encodeFloat32(values))).toEqual(values);
      }),
    );
  });

  test("uint32 values survive", () => {
    fc.assert(
      fc.property(fc.uint32Array({ maxLength: 50 }), (values) => {
        expect(decodeUint32(encodeUint32(values))).toEqual(values);
      }),
    );
  });

  test("are little endian", () => {
    expect(encodeUint32([1])).toBe("AQAAAA==");
    expect(encodeFloat32([1])).toBe("AACAPw==");
  });

  test("refuse half a word", () => {
    expect(() => decodeUint32("AQAA")).toThrow("32-bit");
    expect(() => decodeFloat32("AQ==")).toThrow("32-bit");
  });
});
