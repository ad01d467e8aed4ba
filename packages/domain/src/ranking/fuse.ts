import type { RankingConfig } from "./config.ts";
import type { ScorerValues } from "./score-pool.ts";
import { SCORERS, type Scorer } from "./types.ts";

/** Weights one request really uses, in the order of `SCORERS`, those of 0 left out. */
export type UsedWeights = readonly (readonly [Scorer, number])[];

/**
 * Weights for this request. A scorer has evidence when any candidate has a value above 0. The
 * positive weights of those scorers are scaled to sum to 1, for the personal and for the cold set
 * apart; the two sets are blended by `personal`. Negative weights (aversion) are not scaled.
 *
 * @param personal share of the personal set, [0, 1]; the cold set has the rest.
 * @param out by candidate: 1 = it counts as if it were none; absent = all count.
 */
export function requestWeights(
  values: ScorerValues,
  personal: number,
  config: Pick<RankingConfig, "weights" | "coldWeights">,
  out?: Uint8Array,
): UsedWeights {
  const evident = SCORERS.filter((scorer) => hasEvidence(values[scorer], out));
  const warm = scaled(evident, config.weights);
  const cold = scaled(evident, config.coldWeights);
  // A set that nobody has evidence for leaves its share to the other one.
  const share = warm.size === 0 ? 0 : cold.size === 0 ? 1 : personal;
  const used: (readonly [Scorer, number])[] = [];
  for (const scorer of evident) {
    const own = config.weights[scorer];
    const weight =
      own < 0 ? own : share * (warm.get(scorer) ?? 0) + (1 - share) * (cold.get(scorer) ?? 0);
    if (weight !== 0) used.push([scorer, weight]);
  }
  return used;
}

/** Whether any candidate that counts has a value above 0. */
function hasEvidence(values: Float64Array | undefined, out: Uint8Array | undefined): boolean {
  if (values === undefined) return false;
  for (let at = 0; at < values.length; at++) if (values[at]! > 0 && out?.[at] !== 1) return true;
  return false;
}

/** Whether without some candidates the same scorers have evidence. */
export function hasSameEvidence(values: ScorerValues, out: Uint8Array): boolean {
  return SCORERS.every(
    (scorer) => !hasEvidence(values[scorer], undefined) || hasEvidence(values[scorer], out),
  );
}

/** Weights of a request moved by what was learned; only of scorers that have evidence for it. */
export function shiftedWeights(
  values: ScorerValues,
  weights: UsedWeights,
  shift: Readonly<Partial<Record<Scorer, number>>>,
  out?: Uint8Array,
): UsedWeights {
  const own = new Map(weights);
  return SCORERS.flatMap((scorer) => {
    const moved = hasEvidence(values[scorer], out) ? (shift[scorer] ?? 0) : 0;
    const weight = (own.get(scorer) ?? 0) + moved;
    return weight === 0 ? [] : [[scorer, weight] as const];
  });
}

/** Share of the personal part: n / (n + half), n = events that shaped the model. */
export function personalShare(nEvents: number, half: number): number {
  return nEvents <= 0 ? 0 : nEvents / (nEvents + half);
}

/** What rules add to scores and take from them, by candidate. */
export interface RuleParts {
  boost?: Float64Array | undefined;
  bury?: Float64Array | undefined;
}

/** max(0, sum of weight x value + boost - bury) of every candidate. */
export function fusedScores(
  values: ScorerValues,
  weights: UsedWeights,
  n: number,
  { boost, bury }: RuleParts = {},
): Float64Array {
  const scores = new Float64Array(n);
  for (const [scorer, weight] of weights) {
    const own = values[scorer]!;
    for (let at = 0; at < n; at++) scores[at] = scores[at]! + weight * own[at]!;
  }
  if (boost !== undefined) for (let at = 0; at < n; at++) scores[at] = scores[at]! + boost[at]!;
  if (bury !== undefined) for (let at = 0; at < n; at++) scores[at] = scores[at]! - bury[at]!;
  for (let at = 0; at < n; at++) if (scores[at]! < 0) scores[at] = 0;
  return scores;
}

/**
 * What each scorer gave to one candidate's score, zeros left out. They sum to the score; what is
 * needed to lift a negative sum to 0 stands as `floor`.
 */
export function contributionsOf(
  values: ScorerValues,
  weights: UsedWeights,
  at: number,
  { boost, bury }: RuleParts = {},
): Record<string, number> {
  const contributions: Record<string, number> = {};
  let sum = 0;
  for (const [scorer, weight] of weights) {
    const part = weight * values[scorer]![at]!;
    if (part !== 0) contributions[scorer] = part;
    sum += part;
  }
  for (const [name, part] of [
    ["boost", boost?.[at] ?? 0],
    ["bury", -(bury?.[at] ?? 0)],
  ] as const) {
    if (part !== 0) contributions[name] = part;
    sum += part;
  }
  if (sum < 0) contributions["floor"] = -sum;
  return contributions;
}

function scaled(
  evident: readonly Scorer[],
  weights: Partial<Record<Scorer, number>>,
): Map<Scorer, number> {
  const positive = evident.filter((scorer) => (weights[scorer] ?? 0) > 0);
  const total = positive.reduce((sum, scorer) => sum + weights[scorer]!, 0);
  return new Map(positive.map((scorer) => [scorer, weights[scorer]! / total]));
}
