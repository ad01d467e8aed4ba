import { describe, expect, test } from "vitest";

import { encodeFloat32 } from "../content/base64.ts";
import { hash32 } from "../content/hash.ts";
import { buildUserSignals } from "./build-user-signals.ts";
import { byWeight, decodeUserSignals, decodeVector, encodeUserSignals, seenSet } from "./codec.ts";
import { sampleContent, sampleEvent } from "./sample-events.ts";

const events = ["a", "b", "__proto__"].map((item_id, i) =>
  sampleEvent(i, { item_id, reaction: "like" }),
);
const model = buildUserSignals(events, sampleContent({ a: { vector: [3, 4] } }));

describe("codec", () => {
  test("a model survives its text", () => {
    expect(decodeUserSignals(encodeUserSignals(model))).toEqual(model);
    expect(Object.keys(decodeUserSignals(encodeUserSignals(model)).positives)).toContain(
      "__proto__",
    );
  });

  test.each(["null", "3", "{}", '{"version":1.5,"as_of":"x"}', '{"version":1}'])(
    "%s is no model",
    (text) => {
      expect(() => decodeUserSignals(text)).toThrow(TypeError);
    },
  );

  test("what is no JSON is refused", () => {
    expect(() => decodeUserSignals("{")).toThrow(SyntaxError);
  });
});

describe("readers", () => {
  test("seenSet holds the hashes of what was seen", () => {
    expect(seenSet(model)).toEqual(new Set(["a", "b", "__proto__"].map(hash32)));
  });

  test("decodeVector reads a taste", () => {
    expect([...decodeVector(model.taste ?? "")]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
    expect([...decodeVector(encodeFloat32([1, -2]))]).toEqual([1, -2]);
    expect(() => decodeVector("AQ==")).toThrow(RangeError);
  });

  test("byWeight orders by weight, then by key", () => {
    expect(byWeight({ "10": 0.5, b: 1, a: 0.5 })).toEqual([
      ["b", 1],
      ["10", 0.5],
      ["a", 0.5],
    ]);
  });
});
