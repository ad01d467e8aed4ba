import fc from "fast-check";
import { expect, it } from "vitest";

import { intervalPlot } from "./interval-plot.ts";
import { digits, escaped, table } from "./page.ts";

const row = fc
  .tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([value, half]) => ({
    label: "one",
    value,
    interval: [value - half, value + half] as const,
  }));

it("draws every value between the ends of its interval, all within the picture", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.boolean(), (rows, zero) => {
      const svg = intervalPlot(rows, { title: "values", ...(zero ? { zero: true as const } : {}) });
      expect(svg).not.toMatch(/NaN|Infinity/);
      const ranges = [...svg.matchAll(/class="range" x1="([\d.-]+)" x2="([\d.-]+)"/g)];
      const points = [...svg.matchAll(/class="point" cx="([\d.-]+)"/g)].map(([, x]) => Number(x));
      expect(points).toHaveLength(rows.length);
      points.forEach((x, at) => {
        const [, low, high] = ranges[at]!.map(Number);
        expect(x).toBeGreaterThanOrEqual(low! - 0.11);
        expect(x).toBeLessThanOrEqual(high! + 0.11);
        expect(low).toBeGreaterThanOrEqual(79);
        expect(high).toBeLessThanOrEqual(651);
      });
      expect(svg.includes('class="zero"')).toBe(zero);
    }),
    { numRuns: 60 },
  );
});

it("tells every value in words, and no label is markup", () => {
  const svg = intervalPlot([{ label: "<b>", value: 0.5, interval: [0.25, 0.75] }], {
    title: "a & b",
  });
  expect(svg).toContain('role="img"');
  expect(svg).toContain(`${escaped("<b>")} 0.5000 (0.2500 to 0.7500)</desc>`);
  expect(svg).not.toContain("<b>");
  expect(table("c", ["x"], [["<i>", "1"]])).not.toContain("<i>");
  expect([digits(12.345), digits(-0.5), digits(undefined)]).toEqual(["12.35", "-0.5000", "-"]);
});
