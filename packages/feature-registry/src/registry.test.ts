import { subjects } from "@signalpath/contracts";
import { describe, expect, test } from "vitest";

import type { BatchedFeature, Feature } from "./feature.ts";
import { FEATURES } from "./features.generated.ts";
import { createFeatureRegistry } from "./registry.ts";

const sample = FEATURES[0] as BatchedFeature;
const withFacts = (change: Partial<BatchedFeature>): Feature => ({ ...sample, ...change });

describe("the registry", () => {
  test("holds five features as they were agreed on", () => {
    const facts = FEATURES.map((feature) => [
      feature.name,
      feature.freshness,
      feature.ttlSec,
      feature.fallback.text,
      feature.fallback.value,
      feature.invalidatedBy.join(),
    ]);
    expect(facts).toEqual([
      ["completion_rate_30d", "batched", 21_600, "0.0", 0, "signals.tip.feedback"],
      ["dismiss_rate_30d", "batched", 21_600, "0.0", 0, "signals.tip.feedback"],
      [
        "mean_dwell_ms_30d",
        "batched",
        21_600,
        "null — serving normalises to 0.0",
        null,
        "signals.tip.feedback",
      ],
      [
        "preferred_hour",
        "batched",
        86_400,
        "null — serving normalises to 0.5 (neutral alignment)",
        null,
        "signals.tip.feedback",
      ],
      ["tip_volume_30d", "batched", 3_600, "0", 0, "signals.tip.served"],
    ]);
    for (const { dtype, source } of FEATURES) {
      expect([dtype, source]).toEqual(["numeric", "profile_store"]);
    }
  });

  test("names only subjects that the bus has", () => {
    const known = Object.values(subjects).map(({ name }) => name);
    for (const { invalidatedBy } of FEATURES) {
      expect(invalidatedBy.length).toBeGreaterThan(0);
      expect(known).toEqual(expect.arrayContaining([...invalidatedBy]));
    }
  });

  test.each<[string, Partial<BatchedFeature>, RegExp]>([
    ["a subject that is none", { invalidatedBy: ["tip.loved"] }, /tip\.loved, which is no subject/],
    [
      "a subject of which nobody computes features",
      { invalidatedBy: [subjects.contentChanged.name] },
      /content\.changed, which is no subject of a signal/,
    ],
    ["a name twice", { name: FEATURES[1]!.name }, /there twice/],
    ["a name that is no identifier", { name: "Done!" }, /not snake_case/],
    ["no time to live", { ttlSec: 0 }, /no time to live/],
    [
      "a fallback other than its text",
      { fallback: { value: null, text: "0.0" } },
      /another fallback/,
    ],
  ])("refuses %s", (_, change, message) => {
    const make = () => createFeatureRegistry([withFacts(change), ...FEATURES.slice(1)]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  test("finds by name and by subject", () => {
    const registry = createFeatureRegistry(FEATURES);
    expect(registry.get("preferred_hour")).toBe(FEATURES[3]);
    expect(registry.get("height")).toBeUndefined();
    const named = (subject: string) => registry.invalidatedBy(subject).map(({ name }) => name);
    expect(named(subjects.tipServed.name)).toEqual(["tip_volume_30d"]);
    expect(named(subjects.tipFeedback.name)).toEqual(FEATURES.slice(0, 4).map(({ name }) => name));
    expect(named(subjects.contentViewed.name)).toEqual([]);
  });
});
