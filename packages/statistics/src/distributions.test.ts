import { describe, expect, it } from "vitest";

import {
  chiSquareSurvival,
  normalCdf,
  normalQuantile,
  studentTQuantile,
  studentTSurvival,
} from "./distributions.ts";

const near = (got: number, expected: number, relative = 1e-12) =>
  expect(Math.abs(got / expected - 1)).toBeLessThan(relative);

describe("normal", () => {
  it("has its tails to all digits", () => {
    near(normalCdf(-8), 6.220960574271785e-16);
    near(normalCdf(-20), 2.7536241186062337e-89);
    near(normalCdf(-37), 5.725571222524584e-300, 1e-11);
  });

  it.each([1e-300, 1e-20, 0.025, 0.5, 0.975, 1 - 1e-12])("quantile of %d is the inverse", (p) => {
    near(normalCdf(normalQuantile(p)), p, 1e-9);
  });
});

describe("Student's t", () => {
  it("agrees with the closed forms of 1 and 2 degrees of freedom", () => {
    for (const t of [0.3, 1, 5, 40, 1e4]) {
      near(studentTSurvival(t, 1), Math.atan(1 / t) / Math.PI);
      const root = Math.sqrt(2 + t * t);
      near(studentTSurvival(t, 2), 1 / (root * (root + t)));
      near(studentTSurvival(-t, 2), 1 - studentTSurvival(t, 2));
    }
    expect(studentTSurvival(0, 7)).toBe(0.5);
    expect([studentTSurvival(Infinity, 7), studentTSurvival(-Infinity, 7)]).toEqual([0, 1]);
  });

  it("agrees with its density, summed by Simpson's rule", () => {
    const df = 12.5;
    const raw = (x: number) => (1 + (x * x) / df) ** (-(df + 1) / 2);
    const simpson = (from: number, to: number, steps = 20_000) => {
      const h = (to - from) / steps;
      let sum = raw(from) + raw(to);
      for (let at = 1; at < steps; at += 1) sum += raw(from + at * h) * (at % 2 === 0 ? 2 : 4);
      return (sum * h) / 3;
    };
    near(studentTSurvival(2, df), simpson(2, 400) / (2 * simpson(0, 400)), 1e-8);
  });

  it("approaches the normal distribution", () => {
    near(studentTSurvival(3, 1e9), normalCdf(-3), 1e-6);
  });

  it.each([
    [0.975, 10],
    [1e-30, 1_000],
    [0.9995, 2.5],
    [1e-10, 50],
  ])("quantile of %d with %d degrees of freedom is the inverse", (p, df) => {
    near(studentTSurvival(-studentTQuantile(p, df), df), p, 1e-9);
  });
});

it("chi-square agrees with the closed forms of 1, 2 and 4 degrees of freedom", () => {
  for (const x of [0.01, 1, 16, 300, 1_300]) {
    near(chiSquareSurvival(x, 2), Math.exp(-x / 2));
    near(chiSquareSurvival(x, 4), Math.exp(-x / 2) * (1 + x / 2));
    near(chiSquareSurvival(x, 1), 2 * normalCdf(-Math.sqrt(x)), 1e-10);
  }
  expect(chiSquareSurvival(0, 3)).toBe(1);
});
