import { compareCodePoints } from "../events/order.ts";
import type { RankingConfig } from "./config.ts";
import { fusedScores, hasSameEvidence, requestWeights } from "./fuse.ts";
import type { ItemView } from "./item-view.ts";
import { diversify } from "./mmr.ts";
import { type Pool, countSources } from "./pool.ts";
import { type MetRules, type RuleEffects, effectsAmong } from "./rule-effects.ts";
import { type PoolScores, comparedScores } from "./score-pool.ts";
import type { Ranking } from "./types.ts";

/** The candidates that count for a list, with what one of them needs. */
export interface Part {
  /** The whole pool; what is taken out stays at its place. */
  views: readonly ItemView[];
  /** By candidate: 1 = it counts as if it were none; undefined = all count. */
  out: Uint8Array | undefined;
  /** How many count. */
  size: number;
  counts: Ranking["sources"];
  scores: PoolScores;
  weights: ReturnType<typeof requestWeights>;
  fused: Float64Array;
  /** Of the scores in `fused`: parts that share those share this. */
  order: ScoreOrder;
  /** What rules say of the candidates; undefined = none moves any. */
  effects?: RuleEffects | undefined;
  /** The longest selection made so far: shorter ones are its beginning. */
  picks: number[];
}

/** Candidates by score, best first, ties by item id; sorted when they are asked for again. */
interface ScoreOrder {
  asks: number;
  byScore: Int32Array | undefined;
}

const unsorted = (): ScoreOrder => ({ asks: 0, byScore: undefined });

/** The part with other scores. */
export function rescored(part: Part, fused: Float64Array): Part {
  return { ...part, fused, order: unsorted(), picks: [] };
}

/** By candidate: 1 = excluded by the request or by a rule; undefined when none is. */
export function takenOut(
  { views, indexOf }: Pool,
  exclude: ReadonlySet<string>,
  excluded: Uint8Array | undefined,
): Uint8Array | undefined {
  let out = excluded?.slice();
  for (const id of exclude) {
    const at = indexOf.get(id);
    if (at === undefined) continue;
    out ??= new Uint8Array(views.length);
    out[at] = 1;
  }
  return out;
}

/** Weights and scores that hold among the candidates that count. */
export function weighed(
  { views, sources }: Pool,
  scored: PoolScores,
  personal: number,
  config: RankingConfig,
  out?: Uint8Array,
): Part {
  const scores = comparedScores(scored, out);
  const weights = requestWeights(scores.values, personal, config, out);
  let size = views.length;
  if (out !== undefined) for (let at = 0; at < out.length; at++) size -= out[at]!;
  return {
    views,
    out,
    size,
    counts: countSources(sources, out),
    scores,
    weights,
    fused: fusedScores(scores.values, weights, views.length),
    order: unsorted(),
    picks: [],
  };
}

/**
 * What `weighed` answers without some candidates, read off from what it answered for all: their
 * scores are the same as long as the best sum of `collaborative` and the evidence of every scorer
 * are. Undefined where they are not.
 */
export function weighedAlike(all: Part, { sources }: Pool, out: Uint8Array): Part | undefined {
  const { values } = all.scores;
  if (!hasSameBest(values.collaborative, out) || !hasSameEvidence(values, out)) return undefined;
  let size = all.size;
  for (let at = 0; at < out.length; at++) size -= out[at]!;
  return { ...all, out, size, counts: countSources(sources, out), picks: [] };
}

/** Compared with the best, that one has 1: the comparison stays the same while any 1 is left. */
function hasSameBest(compared: Float64Array | undefined, out: Uint8Array): boolean {
  if (compared === undefined) return true;
  let isAnyAbove = false;
  for (let at = 0; at < compared.length; at++) {
    if (compared[at] === 1 && out[at] !== 1) return true;
    isAnyAbove ||= compared[at]! > 0;
  }
  return !isAnyAbove;
}

/** Sorted once for many lists; for a single one it would cost more than it saves. */
function orderOf({ views, fused, order }: Part): Int32Array | undefined {
  if (order.asks++ === 0) return undefined;
  order.byScore ??= Int32Array.from(views.keys()).sort(
    (a, b) => fused[b]! - fused[a]! || compareCodePoints(views[a]!.id, views[b]!.id),
  );
  return order.byScore;
}

/** The part with what rules add to its scores and take from them. */
export function ruled(part: Part, met: MetRules): Part {
  if (met.pairs.every(({ rule }) => rule.kind === "exclude")) return part;
  const { views, scores, weights, out } = part;
  const effects = effectsAmong(met, out);
  if (effects.boost === undefined && effects.bury === undefined) return { ...part, effects };
  return { ...rescored(part, fusedScores(scores.values, weights, views.length, effects)), effects };
}

/**
 * What `ruled` answers for a part, read off from what it answered for all.
 *
 * @param all ruled part of all candidates.
 * @param part one with the same scores before rules.
 */
export function ruledAlike(all: Part, part: Part, met: MetRules): Part {
  const { out, size, counts } = part;
  return { ...all, out, size, counts, effects: all.effects && effectsAmong(met, out), picks: [] };
}

/** The first `limit` places; a part that was asked before remembers them. */
export function picksOf(part: Part, limit: number, config: RankingConfig): readonly number[] {
  if (part.picks.length < Math.min(limit, part.size)) {
    const { mmrLambda: lambda, tagCap } = config;
    const options = { lambda, tagCap, limit, out: part.out, order: orderOf(part) };
    part.picks = diversify(part.views, part.fused, options);
  }
  return part.picks.slice(0, limit);
}
