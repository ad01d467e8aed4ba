import { FEATURES, type BatchedFeature } from "@signalpath/feature-registry";
import { describe, expect, test } from "vitest";

import { pythonFeatures } from "./python-features.ts";

const sample = FEATURES[0] as BatchedFeature;

describe("Python mirror", () => {
  test.each<[string, Partial<BatchedFeature>]>([
    ["time to live", { ttlSec: 60 }],
    ["fallback", { fallback: { value: null, text: "null" } }],
    ["subjects", { invalidatedBy: ["signals.tip.served", "signals.tip.feedback"] }],
    ["freshness", { freshness: "jit" as never }],
    ["description", { description: "Something else" }],
  ])("another %s is another text, so that it cannot be forgotten", (_, change) => {
    const changed = [{ ...sample, ...change }, ...FEATURES.slice(1)];
    expect(pythonFeatures(changed)).not.toBe(pythonFeatures(FEATURES));
  });

  test("writes values as Python does, in lines of at most 88 characters", () => {
    const hostile = { ...sample, description: `a "quoted" \\ word ${"and more ".repeat(20)}` };
    const text = pythonFeatures([{ ...hostile, invalidatedBy: ["a.b", "c.d"] }]);
    expect(text).toContain('invalidated_by=("a.b", "c.d"),');
    expect(text).toContain('"a \\"quoted\\" \\\\ word');
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(88);
  });
});
