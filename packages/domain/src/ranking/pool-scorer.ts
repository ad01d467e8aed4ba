import { decodeFloat32, decodeUint32 } from "../content/base64.ts";
import type { ContentItem } from "../content/types.ts";
import { ALTERNATIVES } from "../learning/explore.ts";
import { learnedOrder, type LearnedRanking } from "../learning/learned-list.ts";
import type { LearnerItem, ListDecision } from "../learning/types.ts";
import { type RankingConfig, RANKING_CONFIG } from "./config.ts";
import {
  contributionsOf,
  fusedScores,
  personalShare,
  requestWeights,
  shiftedWeights,
} from "./fuse.ts";
import { type ItemView, type ItemViews, createItemViews } from "./item-view.ts";
import { diversify } from "./mmr.ts";
import { hasAffinity, readPerson } from "./person.ts";
import { type Pool, buildPool, countSources } from "./pool.ts";
import { type Explainer, createExplainer } from "./reasons.ts";
import { type PoolScores, comparedScores, scorePool, scoresAt } from "./score-pool.ts";
import { SCORERS, type RankedItem, type Ranking, type RankingInput } from "./types.ts";

/** What lists from one pool may differ by. */
export interface ListOptions {
  /** Item ids that count as if they had not been candidates. */
  exclude: ReadonlySet<string>;
  /** 1..100. */
  limit: number;
  reasonsPerItem: number;
  /** What a learner changes; absent = ranked by the weights alone. */
  learned?: LearnedRanking | undefined;
}

/** A list and the content of its items, in the same order. */
export interface PoolList {
  ranking: Ranking;
  items: readonly ContentItem[];
  /** What stood where and what else could have; only of a list that was `learned`. */
  decision?: ListDecision;
}

/** Candidates that were scored: lists come from it without scoring again. */
export interface ScoredPool {
  list(options: ListOptions): PoolList;
}

/** Scores one request's candidates. */
export type PoolScorer = (input: Omit<RankingInput, "limit">, config?: RankingConfig) => ScoredPool;

/** Candidates of a pool, all or some, beside each which sources found it. */
type Candidates = Pick<Pool, "views" | "sources">;

/** The same with what a list of them needs. */
interface Part {
  views: readonly ItemView[];
  counts: Ranking["sources"];
  scores: PoolScores;
  weights: ReturnType<typeof requestWeights>;
  fused: Float64Array;
  /** The longest selection made so far: shorter ones are its beginning. */
  picks: number[];
}

/**
 * Ranking in two steps, for callers that make several lists from one pool: what `createRanker`
 * promises holds for every list. One that excludes items is exactly the one of a pool that never
 * had them.
 */
export function createPoolScorer(
  defaults: RankingConfig = RANKING_CONFIG,
  views: ItemViews = createItemViews(),
): PoolScorer {
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
    const personal = warm ? personalShare(model.n_events, config.blendEvents) : 0;
    const scored = scorePool(pool, person, input, config);
    const all = weighed(pool, scored, personal, config);

    return {
      list({ exclude, limit, reasonsPerItem, learned }) {
        const kept = keptOf(pool.indexOf, exclude);
        const part =
          kept === undefined
            ? all
            : weighed(partOf(pool, kept), scoresAt(scored, kept), personal, config);
        const explain = createExplainer(person, part.scores, near, reasonsPerItem);
        const strategy = warm ? "warm" : "cold";
        if (learned !== undefined) {
          return learnedList(part, { limit, learned, strategy, explain }, config);
        }
        const picks = picksOf(part, limit, config);
        const ranking: Ranking = {
          strategy,
          items: picks.map((at, place) => rankedItem(part, at, place + 1, explain)),
          pool_size: part.views.length,
          sources: part.counts,
        };
        return { ranking, items: picks.map((at) => part.views[at]!.item) };
      },
    };
  };
}

/** Weights and scores that hold among these candidates. */
function weighed(
  { views, sources }: Candidates,
  scored: PoolScores,
  personal: number,
  config: RankingConfig,
): Part {
  const scores = comparedScores(scored);
  const weights = requestWeights(scores.values, personal, config);
  return {
    views,
    counts: countSources(sources),
    scores,
    weights,
    fused: fusedScores(scores.values, weights, views.length),
    picks: [],
  };
}

/** Places of the candidates that are not excluded; undefined when that is all of them. */
function keptOf(
  indexOf: ReadonlyMap<string, number>,
  exclude: ReadonlySet<string>,
): Int32Array | undefined {
  const n = indexOf.size;
  const out = new Uint8Array(n);
  let left = n;
  for (const id of exclude) {
    const at = indexOf.get(id);
    if (at === undefined) continue;
    out[at] = 1;
    left--;
  }
  if (left === n) return undefined;
  const kept = new Int32Array(left);
  for (let at = 0, to = 0; at < n; at++) if (out[at] === 0) kept[to++] = at;
  return kept;
}

function partOf({ views, sources }: Candidates, kept: Int32Array): Candidates {
  const own: ItemView[] = [];
  const bits = new Uint16Array(kept.length);
  for (let i = 0; i < kept.length; i++) {
    own.push(views[kept[i]!]!);
    bits[i] = sources[kept[i]!]!;
  }
  return { views: own, sources: bits };
}

/** The first `limit` places; a part that was asked before remembers them. */
function picksOf(part: Part, limit: number, config: RankingConfig): readonly number[] {
  if (part.picks.length < Math.min(limit, part.views.length)) {
    const { mmrLambda: lambda, tagCap } = config;
    part.picks = diversify(part.views, part.fused, { lambda, tagCap, limit });
  }
  return part.picks.slice(0, limit);
}

function rankedItem(part: Part, at: number, rank: number, explain: Explainer): RankedItem {
  const view = part.views[at]!;
  const contributions = contributionsOf(part.scores.values, part.weights, at);
  return {
    item_id: view.id,
    rank,
    score: part.fused[at]!,
    role: "target",
    contributions,
    reasons: explain(at, view, contributions),
  };
}

interface LearnedRequest {
  limit: number;
  learned: LearnedRanking;
  strategy: Ranking["strategy"];
  explain: Explainer;
}

/** A list by learned weights or scores, explored where the learner says so. */
function learnedList(
  part: Part,
  { limit, learned, strategy, explain }: LearnedRequest,
  config: RankingConfig,
): PoolList {
  const { views, scores } = part;
  const itemAt = (at: number): LearnerItem => ({
    item_id: views[at]!.id,
    static_score: part.fused[at]!,
    values: SCORERS.map((scorer) => scores.values[scorer]?.[at] ?? 0),
  });
  const own = relearned(part, learned, itemAt);
  const ranked = picksOf(own, limit + ALTERNATIVES, config);
  const { picks, explored, decision } = learnedOrder(ranked, limit, itemAt, learned);
  const items = picks.map((at, place): RankedItem => {
    const item = rankedItem(own, at, place + 1, explain);
    // A learned score is no sum over scorers: what it differs by from theirs stands as one part.
    if (learned.score !== undefined) item.contributions["learned"] = item.score - part.fused[at]!;
    return explored.has(place + 1) ? { ...item, explored: true } : item;
  });
  const ranking = { strategy, items, pool_size: views.length, sources: part.counts };
  return { ranking, items: picks.map((at) => views[at]!.item), decision };
}

/** The part as a learner scores it; the same scores where it has learned nothing. */
function relearned(
  part: Part,
  { shift = {}, score }: LearnedRanking,
  itemAt: (at: number) => LearnerItem,
): Part {
  const { views, scores } = part;
  if (score !== undefined) {
    return { ...part, picks: [], fused: Float64Array.from(views, (_, at) => score(itemAt(at))) };
  }
  if (Object.keys(shift).length === 0) return part;
  const weights = shiftedWeights(scores.values, part.weights, shift);
  return { ...part, picks: [], weights, fused: fusedScores(scores.values, weights, views.length) };
}
