import { describe, expect, it } from "vitest";

import { termsOf } from "./terms.ts";
import { fitTfIdf } from "./tf-idf.ts";

const tag = (label: string, weight?: number) =>
  weight === undefined ? { facet: "genre", label } : { facet: "genre", label, weight };

describe("terms", () => {
  it("counts a word that comes n times 1 + ln n, by the weight of its field", () => {
    const terms = termsOf({
      title: "River",
      text: "river RIVER river of",
      tags: [tag("Sea", 0.5)],
    });
    expect(terms.get("t genre:sea")).toBeCloseTo(1.5);
    expect(terms.get("w river")).toBeCloseTo(1 + 0.4 * (1 + Math.log(3)));
    expect(terms.has("w of")).toBe(false);
  });
});

describe("tf-idf", () => {
  const documents = [
    { title: "alpha", tags: [tag("a"), tag("b")] },
    { title: "alpha", tags: [tag("a")] },
    { title: "once", tags: [tag("a")] },
    { title: "", tags: [] },
  ];

  it("weighs a term by ln((1 + N) / (1 + df)) + 1", () => {
    const { terms, idf } = fitTfIdf(documents);
    expect(terms).toEqual(["t genre:a", "t genre:b", "w alpha"]);
    expect([...idf]).toEqual([
      expect.closeTo(Math.log(5 / 4) + 1, 6),
      expect.closeTo(Math.log(5 / 2) + 1, 6),
      expect.closeTo(Math.log(5 / 3) + 1, 6),
    ]);
  });

  it("gives unit rows, and rows of nothing where nothing is known", () => {
    const { matrix } = fitTfIdf(documents);
    const lengths = documents.map((_, row) =>
      Math.hypot(...matrix.values.subarray(matrix.indptr[row], matrix.indptr[row + 1])),
    );
    expect(lengths).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(1, 12),
      expect.closeTo(1, 12),
      0,
    ]);
  });

  it("keeps the terms of most documents", () => {
    expect(fitTfIdf(documents, 1).terms).toEqual(["t genre:a"]);
  });
});
