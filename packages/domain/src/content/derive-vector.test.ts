import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { deriveVector } from "./derive-vector.ts";

const tag = fc.record({
  facet: fc.string({ minLength: 1, maxLength: 10 }),
  label: fc.string({ minLength: 1, maxLength: 20 }),
  weight: fc.option(fc.double({ min: 0.01, max: 1, noNaN: true }), { nil: undefined }),
});
const item = fc.record({
  title: fc.string({ minLength: 1, maxLength: 80 }),
  text: fc.option(fc.string({ maxLength: 300 }), { nil: undefined }),
  tags: fc.array(tag, { maxLength: 6 }),
});

function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

describe("deriveVector", () => {
  it("has unit length, the asked dimensions and at most 5 decimals, whatever the item", () => {
    fc.assert(
      fc.property(item, fc.integer({ min: 2, max: 256 }), (given, dimensions) => {
        const vector = deriveVector(given, dimensions);
        expect(vector).toHaveLength(dimensions);
        expect(cosine(vector, vector)).toBeCloseTo(1, 3);
        for (const value of vector) {
          expect(Object.is(value, -0)).toBe(false);
          expect(Number(value.toFixed(5))).toBe(value);
        }
      }),
    );
  });

  it("is a function of tags, title and text alone, whatever the order of the tags", () => {
    fc.assert(
      fc.property(item, (given) => {
        const unique = given.tags.filter(
          (one, i) => given.tags.findIndex((other) => other.label === one.label) === i,
        );
        const once = deriveVector({ ...given, tags: unique });
        const turned = deriveVector({ ...given, tags: unique.toReversed() });
        expect(cosine(once, turned)).toBeCloseTo(1, 3);
      }),
    );
  });

  it("puts items that share a tag nearer than items that share none", () => {
    const garden = { facet: "theme", label: "garden" };
    const rose = deriveVector({ title: "Roses", tags: [garden] });
    const tulip = deriveVector({ title: "Tulips", tags: [garden] });
    const tax = deriveVector({ title: "Taxes", tags: [{ facet: "theme", label: "money" }] });
    expect(cosine(rose, tulip)).toBeGreaterThan(0.7);
    expect(Math.abs(cosine(rose, tax))).toBeLessThan(0.5);
  });

  it("folds case, accents and separators as tags do", () => {
    const plain = deriveVector({ title: "Cafe culture", tags: [{ facet: "topic", label: "a b" }] });
    const fancy = deriveVector({ title: "CAFÉ CULTURE", tags: [{ facet: "Topic", label: "A-B" }] });
    expect(fancy).toEqual(plain);
  });

  it("still points somewhere when there is nothing to hash", () => {
    expect(
      cosine(deriveVector({ title: "!", tags: [] }), deriveVector({ title: "!", tags: [] })),
    ).toBe(1);
  });

  it("refuses dimensions a project could not store", () => {
    for (const dimensions of [0, 1, 2.5, 4_097, Number.NaN]) {
      expect(() => deriveVector({ title: "x", tags: [] }, dimensions)).toThrow(RangeError);
    }
  });
});
