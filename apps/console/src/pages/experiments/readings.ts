import type { IntervalRow } from "../../charts/interval-plot.tsx";
import type { Metric, Results } from "./queries.ts";
import { words } from "./strings.ts";

/** What a reading needs of a comparison, of an experiment's or of the calculator's. */
type Comparison = Pick<
  Metric["comparisons"][number],
  "lift" | "error" | "always_valid" | "fixed" | "bayesian"
>;
const DAY_MS = 86_400_000;
const READINGS = ["always_valid", "fixed", "bayesian"] as const;

/** The three readings of one comparison as intervals of the lift; without an answer none. */
export function readingsOf(comparison: Comparison): IntervalRow[] {
  if (comparison.error !== null) return [];
  return READINGS.flatMap((name) => {
    const [low = null, high = null] = comparison[name].ci;
    if (low === null || high === null) return [];
    return [{ label: words.metric.readings[name], value: comparison.lift, low, high }];
  });
}

/** Course of the cumulative lift of one arm with its always-valid band, oldest first. */
export function courseOf(timeseries: Results["timeseries"], index: number) {
  return timeseries.flatMap(({ day, comparisons }) => {
    const one = comparisons.find((comparison) => comparison.index === index);
    const at = Date.parse(day);
    if (one === undefined || Number.isNaN(at)) return [];
    const [low = null, high = null] = one.always_valid.ci;
    return [{ at, value: one.lift, ...(low === null || high === null ? {} : { low, high }) }];
  });
}

/** The course without its first points whose band is this many times as wide as the last one. */
export function calmPartOf(course: ReturnType<typeof courseOf>, times = 5) {
  const width = (point: (typeof course)[number] | undefined) =>
    point?.high === undefined || point.low === undefined ? undefined : point.high - point.low;
  const last = width(course.at(-1));
  if (last === undefined) return course;
  const start = course.findIndex((point) => (width(point) ?? Infinity) <= times * last);
  return course.slice(start);
}

/** Users so far, and a day over the days there are. */
export function trafficOf(results: Results): { users: number; perDay: number } {
  const arms = results.metrics[0]?.arms ?? [];
  const users = arms.reduce((sum, arm) => sum + arm.n, 0);
  const days = results.timeseries.map(({ day }) => Date.parse(day));
  const span = days.length === 0 ? 1 : (Math.max(...days) - Math.min(...days)) / DAY_MS + 1;
  return { users, perDay: users / span };
}

/** A lift of 0.0123 as `+1.2%`. */
export function formatLift(lift: number): string {
  return `${lift > 0 ? "+" : ""}${(lift * 100).toFixed(1)}%`;
}

/** A p value as it is written: never 0. */
export function formatP(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
