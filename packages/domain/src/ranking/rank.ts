import { type RankingConfig, RANKING_CONFIG } from "./config.ts";
import { contributionsOf, fusedScores, personalShare, requestWeights } from "./fuse.ts";
import { type ItemViews, createItemViews } from "./item-view.ts";
import { diversify } from "./mmr.ts";
import { hasAffinity, readPerson } from "./person.ts";
import { buildPool } from "./pool.ts";
import { createExplainer } from "./reasons.ts";
import { scorePool } from "./score-pool.ts";
import type { RankedItem, Ranking, RankingInput } from "./types.ts";
import { decodeFloat32, decodeUint32 } from "../content/base64.ts";

/** Ranks one request. */
export type Ranker = (input: RankingInput, config?: RankingConfig) => Ranking;

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
  return (input, config = defaults) => {
    const { model, near, nowMs } = input;
    const pool = buildPool(input.candidates, views, {
      seen: model === undefined ? new Set() : new Set(decodeUint32(model.seen)),
      hiddenUntil: model?.hidden_until ?? {},
      nowMs,
    });
    const person =
      model === undefined ? undefined : readPerson(model, input, views, config, decodeFloat32);
    const warm = model !== undefined && hasAffinity(model);
    const scores = scorePool(pool, person, input, config);
    const personal = warm ? personalShare(model.n_events, config.blendEvents) : 0;
    const weights = requestWeights(scores.values, personal, config);
    const fused = fusedScores(scores.values, weights, pool.views.length);
    const picks = diversify(pool.views, fused, {
      lambda: config.mmrLambda,
      tagCap: config.tagCap,
      limit: input.limit,
    });
    const explain = createExplainer(person, scores, near, config.reasonsPerItem);
    const items = picks.map((at, place): RankedItem => {
      const view = pool.views[at]!;
      const contributions = contributionsOf(scores.values, weights, at);
      return {
        item_id: view.id,
        rank: place + 1,
        score: fused[at]!,
        role: "target",
        contributions,
        reasons: explain(at, view, contributions),
      };
    });
    return {
      strategy: warm ? "warm" : "cold",
      items,
      pool_size: pool.views.length,
      sources: pool.sources,
    };
  };
}

/** One ranking without a memo; see `createRanker` for what it promises. */
export function rank(input: RankingInput, config: RankingConfig = RANKING_CONFIG): Ranking {
  return createRanker(config)(input);
}
