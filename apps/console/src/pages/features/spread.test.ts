import { describe, expect, it } from "vitest";

import { spreadOf } from "./spread.ts";

describe("spreadOf", () => {
  it("puts both ends into bins", () => {
    const counts = spreadOf([0, 0.05, 0.55, 1]).map(({ count }) => count);
    expect(counts).toEqual([2, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  });
});
