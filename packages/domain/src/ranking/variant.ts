import { RANKING_CONFIG, rankingConfig, type RankingConfig } from "./config.ts";
import type { Scorer } from "./types.ts";

/** Scorers that only ever take away: their weights are <= 0, all others' >= 0. */
export const DAMPING_SCORERS: readonly Scorer[] = ["aversion", "dismissal"];

/** What one variation of an experiment changes of a ranking; what is absent stays as it is. */
export interface RankingVariant {
  /** By scorer, for people with a model, whether a trained model speaks for them or not. */
  weights?: Partial<Record<Scorer, number>> | undefined;
  /** By scorer, for people without one. */
  cold_weights?: Partial<Record<Scorer, number>> | undefined;
  /** 1 = by score alone, 0 = by difference alone. */
  mmr_lambda?: number | undefined;
  /** At most `max` items of one main tag in any `window` neighbours of the list. */
  tag_cap?: { max: number; window: number } | undefined;
  /** Whether the profile feature `preferred_hour` tells the scorer `time`. */
  time_of_day?: boolean | undefined;
  /** Whether `dismiss_rate_30d` damps what is unlike anything the person likes. */
  dismiss_damping?: boolean | undefined;
  /** Personal part = n / (n + blend_events): how soon a newcomer's own taste outweighs what is popular. */
  blend_events?: number | undefined;
  /** Whether one place is kept for an item far from the taste. */
  serendipity?: boolean | undefined;
  /** Only `false` is stored: there is no other mode than the static one yet. */
  bandit?: boolean | undefined;
}

/** `base` with what `over` names in its place; weights are merged scorer by scorer. */
export function mergeVariants(
  base: RankingVariant | undefined,
  over: RankingVariant | undefined,
): RankingVariant | undefined {
  if (base === undefined || over === undefined) return over ?? base;
  const weights = { ...base.weights, ...over.weights };
  const cold_weights = { ...base.cold_weights, ...over.cold_weights };
  return {
    ...base,
    ...over,
    ...(Object.keys(weights).length > 0 ? { weights } : {}),
    ...(Object.keys(cold_weights).length > 0 ? { cold_weights } : {}),
  };
}

/** `base` as a variation changes it; weights are merged scorer by scorer. */
export function variantConfig(
  variant: RankingVariant,
  base: RankingConfig = RANKING_CONFIG,
): RankingConfig {
  const { weights = {}, cold_weights = {}, mmr_lambda, tag_cap } = variant;
  return rankingConfig(
    {
      weights,
      modelWeights: { ...base.modelWeights, ...weights },
      coldWeights: { ...base.coldWeights, ...cold_weights },
      mmrLambda: mmr_lambda ?? base.mmrLambda,
      tagCap: tag_cap ?? base.tagCap,
      blendEvents: variant.blend_events ?? base.blendEvents,
    },
    base,
  );
}
