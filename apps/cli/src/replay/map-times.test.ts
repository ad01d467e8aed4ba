import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { mapTimes, REPLAY_SPAN_MS } from "./map-times.ts";

const until = fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 });
const times = fc
  .array(fc.integer({ min: 0, max: 2_000_000_000 }), { maxLength: 300 })
  .map((values) => values.toSorted((a, b) => a - b));
const crowded = fc
  .array(fc.integer({ min: 0, max: 5 }), { maxLength: 300 })
  .map((values) => values.toSorted((a, b) => a - b));

describe("mapTimes", () => {
  it("keeps the order strictly and stays inside the 29 days before the anchor", () => {
    fc.assert(
      fc.property(fc.oneof(times, crowded), until, (given, untilMs) => {
        const mapped = mapTimes(given, untilMs);
        expect(mapped).toHaveLength(given.length);
        for (const [i, time] of mapped.entries()) {
          expect(Number.isInteger(time)).toBe(true);
          expect(time).toBeGreaterThanOrEqual(untilMs - REPLAY_SPAN_MS);
          expect(time).toBeLessThanOrEqual(untilMs);
          if (i > 0) expect(time).toBeGreaterThan(mapped[i - 1] as number);
        }
      }),
    );
  });

  it("gives the same times for the same anchor, and shifts with it", () => {
    fc.assert(
      fc.property(times, until, (given, untilMs) => {
        expect(mapTimes(given, untilMs)).toEqual(mapTimes(given, untilMs));
        const later = mapTimes(given, untilMs + 5_000);
        expect(later.map((time) => time - 5_000)).toEqual(mapTimes(given, untilMs));
      }),
    );
  });

  it("is linear: the middle of the recording is the middle of the span", () => {
    const untilMs = 1_780_000_000_000;
    const [first, middle, last] = mapTimes([0, 500, 1_000], untilMs);
    expect(first).toBe(untilMs - REPLAY_SPAN_MS);
    expect(middle).toBe(untilMs - REPLAY_SPAN_MS / 2);
    expect(last).toBe(untilMs);
  });

  it("puts a recording of one moment at the anchor, one millisecond apart", () => {
    expect(mapTimes([7, 7, 7], 1_000_000_000_000)).toEqual([
      999_999_999_998, 999_999_999_999, 1_000_000_000_000,
    ]);
    expect(mapTimes([], 5)).toEqual([]);
  });
});
