import { describe, expect, it } from "vitest";

import { readPersona } from "./persona.ts";

describe("readPersona", () => {
  it("reads labels with weights, a label alone weighs 1", () => {
    expect(readPersona("solar: 0.8\n\n forced labor \n")).toEqual({
      tags: { solar: 0.8, "forced labor": 1 },
    });
  });

  it("keeps a colon that is part of a label", () => {
    expect(readPersona("topic: solar: 0.5")).toEqual({ tags: { "topic: solar": 0.5 } });
  });

  it.each(["solar: 1.5", "solar: .", ": 0.5"])("names the line %s that is none", (line) => {
    expect(readPersona(`wind\n${line}`)).toEqual({ problem: line });
  });
});
