import type { Distributions, Interval } from "./types.ts";

export type Correction = "holm" | "bh" | "none";

/** Order of the p-values, as places in the list given. */
const ascending = (p: readonly number[]) =>
  p.map((_, at) => at).toSorted((a, b) => (p[a] as number) - (p[b] as number) || a - b);

/** Holm (1979): ascending p times the number of hypotheses left, running maximum, at most 1. */
function holm(p: readonly number[]): number[] {
  const adjusted = [...p];
  let highest = 0;
  ascending(p).forEach((at, rank) => {
    highest = Math.max(highest, (p[at] as number) * (p.length - rank));
    adjusted[at] = Math.min(1, highest);
  });
  return adjusted;
}

/** Benjamini and Hochberg (1995): descending p times m / rank, running minimum, at most 1. */
function benjaminiHochberg(p: readonly number[]): number[] {
  const adjusted = [...p];
  let lowest = 1;
  ascending(p)
    .toReversed()
    .forEach((at, back) => {
      lowest = Math.min(lowest, ((p[at] as number) * p.length) / (p.length - back));
      adjusted[at] = lowest;
    });
  return adjusted;
}

/** P-values of one family (goal metrics times arms, guardrails left out), adjusted, in the order given. */
export function adjustP(p: readonly number[], correction: Correction): number[] {
  if (correction === "holm") return holm(p);
  return correction === "bh" ? benjaminiHochberg(p) : [...p];
}

const NO_EVIDENCE = 1 - 1e-12;

/**
 * The two-sided interval that belongs to an adjusted p-value: the standard error with which a normal test would have
 * given that p, never narrower than the interval without adjustment; without ends where the adjusted p is 1.
 */
export function adjustedInterval(
  { lift, ci, p }: { lift: number; ci: Interval; p: number },
  alpha: number,
  dist: Distributions,
): Interval {
  if (p >= NO_EVIDENCE || lift === 0) return [null, null];
  const sd = Math.abs(lift) / -dist.normalQuantile(p / 2);
  const half = -dist.normalQuantile(alpha / 2) * sd;
  const [low, high] = ci;
  return [
    low === null ? null : Math.min(low, lift - half),
    high === null ? null : Math.max(high, lift + half),
  ];
}
