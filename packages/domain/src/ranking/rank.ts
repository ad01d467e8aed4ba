import { type RankingConfig, RANKING_CONFIG } from "./config.ts";
import { type ItemViews, createItemViews } from "./item-view.ts";
import { createPoolScorer } from "./pool-scorer.ts";
import type { Ranking, RankingInput } from "./types.ts";

/** Ranks one request. */
export type Ranker = (input: RankingInput, config?: RankingConfig) => Ranking;

const NOTHING: ReadonlySet<string> = new Set();

/**
 * A ranker that remembers what it worked out per item (see `createItemViews`): one for each
 * project's catalogue. What it answers is a function of the input and the configuration alone.
 *
 * - No item twice; nothing seen, hidden, unpublished or expired; at most `limit`; `rank` 1, 2, ...
 * - Contributions sum to `score` to 1e-9; the order is that of `diversify`, not of the score.
 * - The same for every order of `candidates`.
 * - `warm` as soon as the model has any affinity, else `cold`: trend, freshness, quality and, with a
 *   point given, nearness. A cold list still respects what its person has seen and dislikes.
 */
export function createRanker(
  defaults: RankingConfig = RANKING_CONFIG,
  views: ItemViews = createItemViews(),
): Ranker {
  const scorer = createPoolScorer(defaults, views);
  return (input, config = defaults) => {
    const { limit } = input;
    const { reasonsPerItem } = config;
    return scorer(input, config).list({ exclude: NOTHING, limit, reasonsPerItem }).ranking;
  };
}

/** One ranking without a memo; see `createRanker` for what it promises. */
export function rank(input: RankingInput, config: RankingConfig = RANKING_CONFIG): Ranking {
  return createRanker(config)(input);
}
