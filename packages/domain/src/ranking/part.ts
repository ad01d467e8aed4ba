import type { RankingConfig } from "./config.ts";
import { fusedScores, requestWeights } from "./fuse.ts";
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
  /** What rules say of the candidates; undefined = none moves any. */
  effects?: RuleEffects | undefined;
  /** The longest selection made so far: shorter ones are its beginning. */
  picks: number[];
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
    picks: [],
  };
}

/** The part with what rules add to its scores and take from them. */
export function ruled(part: Part, met: MetRules): Part {
  if (met.pairs.every(({ rule }) => rule.kind === "exclude")) return part;
  const { views, scores, weights, out } = part;
  const effects = effectsAmong(met, out);
  if (effects.boost === undefined && effects.bury === undefined) return { ...part, effects };
  const fused = fusedScores(scores.values, weights, views.length, effects);
  return { ...part, effects, fused, picks: [] };
}

/** The first `limit` places; a part that was asked before remembers them. */
export function picksOf(part: Part, limit: number, config: RankingConfig): readonly number[] {
  if (part.picks.length < Math.min(limit, part.size)) {
    const { mmrLambda: lambda, tagCap } = config;
    const options = { lambda, tagCap, limit, out: part.out };
    part.picks = diversify(part.views, part.fused, options);
  }
  return part.picks.slice(0, limit);
}
