import fc from "fast-check";
import { expect, test } from "vitest";

import { distanceM } from "./geo.ts";
import { createItemViews, unitVector } from "./item-view.ts";
import { sampleItem, topics } from "./sample-ranking.ts";
import { itemLikeness, tagCosine, unitCosine } from "./similarity.ts";

test("a view is made once per item object", () => {
  const views = createItemViews();
  const item = sampleItem("a", { tags: topics("x") });
  expect(views.view(item)).toBe(views.view(item));
  expect(views.view({ ...item })).not.toBe(views.view(item));
  expect(views.tagNumber("topic:x")).toBe(0);
  expect(views.tagNumber("topic:never")).toBe(-1);
});

test("unit vectors have length 1 for any finite size, none for zero", () => {
  const size = fc.constantFrom(1e-300, 1e-20, 1, 1e20, 1e300);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 })), size, (values, scale) => {
      const unit = unitVector(values.map((value) => value * scale));
      if (values.every((value) => value === 0)) expect(unit).toBeUndefined();
      else expect(Math.hypot(...unit!)).toBeCloseTo(1, 5);
    }),
  );
  expect(unitVector([1, Number.NaN])).toBeUndefined();
});

test("likeness is symmetric, in [0, 1], 1 for the same item and half tags, half vectors", () => {
  const views = createItemViews();
  const item = fc
    .record({
      labels: fc.subarray(["a", "b", "c"]),
      vector: fc.option(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 })),
    })
    .map(({ labels, vector }) =>
      views.view(sampleItem("i", { tags: topics(...labels), vector: vector ?? undefined })),
    );
  fc.assert(
    fc.property(item, item, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, least) => {
      const likeness = itemLikeness(a, b);
      expect(itemLikeness(b, a)).toBeCloseTo(likeness, 12);
      expect(likeness).toBeGreaterThanOrEqual(0);
      expect(likeness).toBeLessThanOrEqual(1);
      expect(itemLikeness(a, b, least)).toBeCloseTo(Math.max(least, likeness), 12);
      if (a.unit && b.unit && a.tags.length > 0 && b.tags.length > 0) {
        expect(likeness).toBeCloseTo(0.5 * tagCosine(a, b) + 0.5 * unitCosine(a.unit, b.unit), 12);
      }
      if (a.unit !== undefined || a.tags.length > 0) expect(itemLikeness(a, a)).toBeCloseTo(1, 5);
    }),
  );
});

test("distance: a degree of latitude, around the date line, and none", () => {
  expect(distanceM({ lat: 52, lon: 10 }, { lat: 53, lon: 10 })).toBeCloseTo(111_195, -1);
  expect(distanceM({ lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 })).toBeCloseTo(111_195, -1);
  expect(distanceM({ lat: 5, lon: 5 }, { lat: 5, lon: 5 })).toBe(0);
});
