import { distributions } from "@signalpath/statistics";
import { describe, expect, it } from "vitest";

import { readResults, readTimeseries, type ResultsInput } from "./results.ts";
import { emptySums } from "./sums.ts";

const signup = {
  name: "signup",
  kind: "binary" as const,
  direction: "increase" as const,
  guardrail: false,
  window_hours: 168,
};
const arm = (index: number, n: number, sum: number, is_bot = false) => ({
  variation_index: index,
  is_bot,
  n,
  sums: [{ ...emptySums(index), n, sum, sum_squares: sum }],
});
const options = { alpha: 0.05, relative: true, correction: "holm" as const, include_bots: false };
function input(arms: ResultsInput["arms"], rest: Partial<ResultsInput> = {}): ResultsInput {
  const variations = [
    { index: 0, name: "control", weight: 0.5 },
    { index: 1, name: "new", weight: 0.5 },
  ];
  return { variations, metrics: [signup], arms, flipped: 0, withoutKey: 0, options, ...rest };
}
const read = (given: ResultsInput) => readResults(given, distributions);

describe("results", () => {
  it("a clear lift on a sound split is a winner, said in one sentence", () => {
    const { health, metrics } = read(input([arm(0, 5_050, 500), arm(1, 4_950, 700)]));
    expect(health).toMatchObject({ status: "ok", srm: { status: "ok" } });
    const [one] = metrics[0]?.comparisons ?? [];
    expect(one).toMatchObject({ verdict: "winner", n: { control: 5_050, treatment: 4_950 } });
    expect(one?.summary).toMatch(/"new" against "control" on signup is better: \+42\.\d+ %/);
    expect(one?.summary).toContain("4,950 and 5,050 users");
    expect(metrics[0]?.arms).toMatchObject([{ name: "control", n: 5_050, sum: 500 }, { index: 1 }]);
  });

  it("while the split is broken nothing is called a winner", () => {
    const given = input([arm(0, 5_200, 500), arm(1, 4_800, 700)]);
    const { health, metrics } = read(given);
    expect(health).toMatchObject({ status: "red", srm: { status: "failed" } });
    const [one] = metrics[0]?.comparisons ?? [];
    expect(one?.verdict).toBe("withheld");
    expect(JSON.stringify({ health, metrics })).not.toContain("winner");
  });

  it("bots are left out, and shown in a sample ratio of their own", () => {
    const arms = [arm(0, 1_000, 100), arm(1, 1_000, 100), arm(1, 900, 0, true)];
    const { health, metrics } = read(input(arms));
    expect(health).toMatchObject({
      bots: 900,
      srm: { status: "ok" },
      srm_with_bots: { status: "failed" },
    });
    expect(metrics[0]?.arms[1]?.n).toBe(1_000);
    const all = read(input(arms, { options: { ...options, include_bots: true } }));
    expect(all.metrics[0]?.arms[1]?.n).toBe(1_900);
    expect(all.health.status).toBe("red");
  });

  it("flips and strangers are a warning; an uneven split is stricter", () => {
    const arms = [arm(0, 1_000, 100), arm(1, 1_000, 100), arm(7, 3, 0)];
    const { health } = read(input(arms, { flipped: 4 }));
    expect(health.status).toBe("warning");
    expect(health.unknown_variations).toEqual([{ variation_index: 7, count: 3 }]);
    expect(health.flips).toMatchObject({ count: 4, status: "ok" });
    const uneven = [
      { index: 0, name: "a", weight: 0.9 },
      { index: 1, name: "b", weight: 0.1 },
    ];
    const skewed = read(
      input([arm(0, 9_000, 1), arm(1, 1_000, 1)], { variations: uneven, flipped: 11 }),
    );
    expect(skewed.health.flips.status).toBe("warning");
    expect(skewed.health.summary).toContain("more than one variation");
  });

  it("the correction spans goal metrics and arms, guardrails keep their own p", () => {
    const sums = (index: number) =>
      [300, 330, 330].map((sum) => ({
        ...emptySums(index),
        n: 3_000,
        sum: index === 0 ? 300 : sum + 30,
        sum_squares: 0,
      }));
    const arms = [0, 1].map((index) => ({
      variation_index: index,
      is_bot: false,
      n: 3_000,
      sums: sums(index),
    }));
    const metrics = [
      signup,
      { ...signup, name: "second" },
      { ...signup, name: "latency", guardrail: true, direction: "decrease" as const },
    ];
    const { metrics: found } = read(input(arms, { metrics }));
    const [first, second, guard] = found.map((metric) => metric.comparisons[0]);
    expect(first?.adjusted.p).toBe(first?.fixed.p);
    expect(second?.adjusted.p).toBeCloseTo(2 * (second?.fixed.p ?? 1), 12);
    expect(guard?.adjusted).toEqual(guard?.fixed);
    const raw = read(input(arms, { metrics, options: { ...options, correction: "none" } }));
    expect(raw.metrics[1]?.comparisons[0]?.adjusted).toEqual(second?.fixed);
  });

  it("without data there is an error code and a reason, never a number that is none", () => {
    const { health, metrics } = read(input([]));
    expect(health.status).toBe("not_enough_traffic");
    const [one] = metrics[0]?.comparisons ?? [];
    expect(one).toMatchObject({ error: "NOT_ENOUGH_DATA", lift: 0, verdict: "no_answer" });
    expect(JSON.stringify(metrics)).not.toContain("null,null");
  });
});

describe("timeseries", () => {
  it("adds the days up", () => {
    const day = (name: string, index: number, n: number, sum: number) => ({
      day: name,
      sums: { ...emptySums(index), n, sum, sum_squares: sum },
    });
    const points = readTimeseries(
      {
        variations: [{ index: 0 }, { index: 1 }],
        metric: signup,
        days: [
          day("2026-06-12", 0, 100, 10),
          day("2026-06-12", 1, 100, 20),
          day("2026-06-13", 1, 0, 30),
        ],
        options,
      },
      distributions,
    );
    expect(points.map(({ day: name }) => name)).toEqual(["2026-06-12", "2026-06-13"]);
    expect(points[1]?.arms).toEqual([
      { index: 0, n: 100, mean: 0.1 },
      { index: 1, n: 100, mean: 0.5 },
    ]);
    expect(points[0]?.comparisons[0]?.lift).toBeCloseTo(1, 12);
  });
});
