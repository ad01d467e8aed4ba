import type { Comparison } from "./calculate.ts";
import type { ExperimentHealth } from "./health.ts";
import type { ComparisonError, Interval, MetricDirection } from "./types.ts";

/** `withheld`: there are numbers, but the traffic that made them cannot be trusted. */
export type Verdict = "winner" | "loser" | "no_difference" | "withheld" | "no_answer";

const WHY: Record<ComparisonError, string> = {
  NOT_ENOUGH_DATA: "an arm has fewer than two users",
  ZERO_NEGATIVE_VARIANCE: "the values of an arm do not vary",
  BASELINE_VARIATION_ZERO: "the control is at 0, so there is no relative lift",
};

const count = (n: number): string => String(n).replaceAll(/\B(?=(\d{3})+$)/g, ",");
const chance = (p: number): string => (p < 0.0001 ? "< 0.0001" : `= ${p.toPrecision(2)}`);

function amount(value: number, relative: boolean): string {
  const sign = value >= 0 ? "+" : "";
  return relative ? `${sign}${(100 * value).toFixed(2)} %` : `${sign}${value.toPrecision(4)}`;
}

function between([low, high]: Interval, relative: boolean): string {
  const end = (value: number | null, open: string) =>
    value === null ? open : amount(value, relative);
  return `${end(low, "no lower end")} to ${end(high, "no upper end")}`;
}

/** What one comparison says to somebody who decides, and the word for it. */
export function summarise({
  metric,
  comparison,
  names,
  n,
  health,
  alwaysP,
  options: { alpha, relative },
}: {
  metric: { name: string; direction: MetricDirection; guardrail: boolean };
  comparison: Comparison;
  names: { control: string; treatment: string };
  n: { control: number; treatment: number };
  health: Pick<ExperimentHealth, "status" | "srm">;
  /** Of the always-valid reading, corrected for the family. */
  alwaysP: number;
  options: { alpha: number; relative: boolean };
}): { verdict: Verdict; summary: string } {
  const { lift, fixed, always_valid: always, bayesian, error } = comparison;
  const pair = `"${names.treatment}" against "${names.control}" on ${metric.name}`;
  if (error !== null) {
    return { verdict: "no_answer", summary: `No answer yet for ${pair}: ${WHY[error]}.` };
  }
  const level = `${Number((100 * (1 - alpha)).toFixed(3))} %`;
  const numbers =
    `${amount(lift, relative)}, ${level} interval ${between(always.ci, relative)} however often it is read; ` +
    `Welch's t p ${chance(fixed.p)}; ${(100 * bayesian.chance_to_win).toFixed(1)} % chance to be better; ` +
    `${count(n.treatment)} and ${count(n.control)} users`;
  if (health.status === "red") {
    return {
      verdict: "withheld",
      summary: `No verdict for ${pair}: the split of the traffic failed its check (p ${chance(health.srm.p)}). The numbers are ${numbers}.`,
    };
  }
  if (alwaysP > alpha || lift === 0) {
    return {
      verdict: "no_difference",
      summary: `No difference shown yet for ${pair}: ${numbers}.`,
    };
  }
  const isBetter = lift > 0 === (metric.direction === "increase");
  const verdict = isBetter ? "winner" : "loser";
  const word = isBetter ? "is better" : metric.guardrail ? "harms the guardrail" : "is worse";
  return { verdict, summary: `${pair} ${word}: ${numbers}.` };
}
