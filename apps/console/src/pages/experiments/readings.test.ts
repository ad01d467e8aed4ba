import { expect, test } from "vitest";

import type { Metric, Results } from "./queries.ts";
import { calmPartOf, courseOf, formatLift, formatP, readingsOf, trafficOf } from "./readings.ts";

const reading = (low: number | null, high: number | null) => ({ ci: [low, high], p: 0.5 });

test("three readings, always valid first; an open end or an error is no interval", () => {
  const comparison = {
    lift: 0.1,
    error: null,
    always_valid: reading(-0.1, 0.3),
    fixed: reading(0, 0.2),
    bayesian: reading(null, 0.2),
  } as unknown as Metric["comparisons"][number];
  expect(readingsOf(comparison).map(({ label, low }) => [label, low])).toEqual([
    ["always valid", -0.1],
    ["fixed horizon", 0],
  ]);
  expect(readingsOf({ ...comparison, error: "NOT_ENOUGH_DATA" })).toEqual([]);
});

test("the course is of one arm; traffic is over the days there are", () => {
  const day = (text: string) => ({
    day: text,
    arms: [],
    comparisons: [
      { index: 1, lift: 0.1, always_valid: reading(0, 0.2) },
      { index: 2, lift: 0.5, always_valid: reading(null, 1) },
    ],
  });
  const results = {
    metrics: [{ arms: [{ n: 30 }, { n: 10 }] }],
    timeseries: [day("2026-01-01"), day("2026-01-04")],
  } as unknown as Results;
  const at = Date.parse("2026-01-01");
  expect(courseOf(results.timeseries, 1)[0]).toEqual({ at, value: 0.1, low: 0, high: 0.2 });
  expect(courseOf(results.timeseries, 2)[0]).toEqual({ at, value: 0.5 });
  const wide = { at, value: 0, low: -9, high: 9 };
  const calm = courseOf(results.timeseries, 1);
  expect(calmPartOf([wide, ...calm])).toEqual(calm);
  expect(calmPartOf([])).toEqual([]);
  expect(trafficOf(results)).toEqual({ users: 40, perDay: 10 });
  expect(trafficOf({ ...results, metrics: [], timeseries: [] })).toEqual({ users: 0, perDay: 0 });
});

test("lifts have a sign, p values are never 0", () => {
  expect([formatLift(0.0123), formatLift(-0.5), formatLift(0)]).toEqual([
    "+1.2%",
    "-50.0%",
    "0.0%",
  ]);
  expect([formatP(0), formatP(0.0304)]).toEqual(["< 0.001", "0.030"]);
});
