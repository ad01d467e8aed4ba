import { describe, expect, it } from "vitest";

import { partsOf } from "./contributions.ts";

describe("partsOf", () => {
  it("orders parts by size and gives each its share of what raises the score", () => {
    const parts = partsOf({ tag: 0.1, semantic: 0.3, dismissal: -0.2 });
    expect(parts.map(({ scorer }) => scorer)).toEqual(["semantic", "tag", "dismissal"]);
    expect(parts.map(({ width }) => Math.round(width))).toEqual([75, 25, 0]);
  });

  it("leaves out what nobody would see", () => {
    expect(partsOf({ tag: 0.2, freshness: 4e-7 }).map(({ scorer }) => scorer)).toEqual(["tag"]);
  });

  it("has no share of nothing", () => {
    expect(partsOf({ dismissal: -0.1 })).toEqual([{ scorer: "dismissal", value: -0.1, width: 0 }]);
    expect(partsOf({})).toEqual([]);
  });
});
