import { decodeFloat32 } from "../content/base64.ts";
import type { ContentItem } from "../content/types.ts";
import { ALTERNATIVES } from "../learning/explore.ts";
import { learnedOrder, type LearnedRanking } from "../learning/learned-list.ts";
import type { LearnerItem, ListDecision } from "../learning/types.ts";
import { seenSet } from "../user-model/codec.ts";
import { type RankingConfig, configOf, RANKING_CONFIG } from "./config.ts";
import { contributionsOf, fusedScores, personalShare, shiftedWeights } from "./fuse.ts";
import { type ItemViews, createItemViews } from "./item-view.ts";
import { hasAffinity, readPerson } from "./person.ts";
import {
  type Part,
  picksOf,
  rescored,
  ruled,
  ruledAlike,
  takenOut,
  weighed,
  weighedAlike,
} from "./part.ts";
import { buildPool } from "./pool.ts";
import { type Explainer, createExplainer } from "./reasons.ts";
import { type MetRules, appliedTo, countRules, meetRules, placePins } from "./rule-effects.ts";
import type { RankingRule } from "./rules.ts";
import { scorePool } from "./score-pool.ts";
import { type SerendipityChoice, chooseSerendipity } from "./serendipity.ts";
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
  /** Rules that hold for this list, by id (see `createRuleBook`). */
  rules?: readonly RankingRule[] | undefined;
  /** Keeps a place for an item far from the taste. */
  serendipity?: boolean | undefined;
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

const NO_RULES: readonly RankingRule[] = [];

/**
 * Ranking in two steps, for callers that make several lists from one pool: what `createRanker`
 * promises holds for every list. One that excludes items is exactly the one of a pool that never
 * had them.
 */
export function createPoolScorer(
  defaults: RankingConfig = RANKING_CONFIG,
  views: ItemViews = createItemViews(),
): PoolScorer {
  return (input, given = defaults) => {
    const { model, nowMs } = input;
    const config = configOf(given, input.collaborative !== undefined);
    const pool = buildPool(input.candidates, views, {
      seen: input.seen ?? (model === undefined ? new Set() : seenSet(model)),
      hiddenUntil: model?.hidden_until ?? {},
      nowMs,
    });
    const person =
      model === undefined ? undefined : readPerson(model, input, views, config, decodeFloat32);
    const warm = model !== undefined && hasAffinity(model);
    const personal = warm ? personalShare(model.n_events, config.blendEvents) : 0;
    const scored = scorePool(pool, person, input, config);
    const all = weighed(pool, scored, personal, config);
    const explain = createExplainer(person, scored, input);
    const strategy = warm ? "warm" : "cold";
    let met: { rules: readonly RankingRule[]; ruling: MetRules; all: Part } | undefined;

    return {
      list({ exclude, limit, reasonsPerItem, learned, rules = NO_RULES, serendipity = false }) {
        // Lists of one pool mostly have the same rules.
        if (met?.rules !== rules) {
          const ruling = meetRules(pool, rules);
          met = { rules, ruling, all: ruled(all, ruling) };
        }
        const { ruling } = met;
        const out = takenOut(pool, exclude, ruling.excluded);
        const alike = out === undefined ? all : weighedAlike(all, pool, out);
        const plain = alike ?? weighed(pool, scored, personal, config, out);
        const part =
          plain === all
            ? met.all
            : plain === alike
              ? ruledAlike(met.all, plain, ruling)
              : ruled(plain, ruling);
        const shown = { rules: countRules(ruling, out), reasonsPerItem };
        const request = { limit, strategy, explain, ...shown } as const;
        if (learned !== undefined) return learnedList(part, { ...request, learned }, config);
        return staticList(plain, part, { ...request, serendipity }, config);
      },
    };
  };
}

interface ListRequest {
  limit: number;
  reasonsPerItem: number;
  strategy: Ranking["strategy"];
  explain: Explainer;
  rules: Ranking["rules"];
}

/** A list by the weights; pins and the surprise have their places after it was diversified. */
function staticList(
  plain: Part,
  part: Part,
  { serendipity, ...request }: ListRequest & { serendipity: boolean },
  config: RankingConfig,
): PoolList {
  const { views, effects, out } = part;
  const { limit, strategy, rules } = request;
  const ranked = picksOf(part, limit, config);
  const pins = effects?.pins ?? [];
  const list = placePins(ranked, pins, limit);
  const pinned = new Set(pins.map(({ at }) => at));
  const choice: SerendipityChoice | { outcome: "off" | "cold" } = !serendipity
    ? { outcome: "off" }
    : strategy === "cold"
      ? { outcome: "cold" }
      : chooseSerendipity(views, part.scores.values, list, { limit, pinned, out });
  if (choice.outcome === "placed") {
    list.splice(choice.place, 0, choice.at);
    // Pins behind the slot keep their places: what gives way is the last item that is not pinned.
    list.splice(
      list.findLastIndex((at) => at !== choice.at && !pinned.has(at)),
      1,
    );
  }
  const isMoved = effects !== undefined && list.some((at) => effects.moving.has(at));
  const unmoved = isMoved ? picksOf(plain, limit, config) : [];
  const items = list.map((at, place): RankedItem => {
    const item = rankedItem(part, at, place + 1, request);
    if (choice.outcome === "placed" && choice.at === at) item.role = "serendipity";
    const moved = effects && appliedTo(at, effects, unmoved);
    return moved === undefined ? item : { ...item, rules: moved };
  });
  const counts = { pool_size: part.size, sources: part.counts };
  const ranking = { strategy, items, ...counts, rules, serendipity: choice.outcome };
  return { ranking, items: list.map((at) => views[at]!.item) };
}

function rankedItem(
  part: Part,
  at: number,
  rank: number,
  { explain, reasonsPerItem }: Pick<ListRequest, "explain" | "reasonsPerItem">,
): RankedItem {
  const view = part.views[at]!;
  const contributions = contributionsOf(part.scores.values, part.weights, at, part.effects);
  return {
    item_id: view.id,
    rank,
    score: part.fused[at]!,
    role: "target",
    contributions,
    reasons: explain(at, view, contributions, reasonsPerItem),
  };
}

type LearnedRequest = ListRequest & { learned: LearnedRanking };

/** A list by learned weights or scores, explored where the learner says so. */
function learnedList(
  part: Part,
  { learned, ...request }: LearnedRequest,
  config: RankingConfig,
): PoolList {
  const { views, scores } = part;
  const { limit, strategy, rules } = request;
  const itemAt = (at: number): LearnerItem => ({
    item_id: views[at]!.id,
    static_score: part.fused[at]!,
    values: SCORERS.map((scorer) => scores.values[scorer]?.[at] ?? 0),
  });
  const own = relearned(part, learned, itemAt);
  const ranked = picksOf(own, limit + ALTERNATIVES, config);
  const { picks, explored, decision } = learnedOrder(ranked, limit, itemAt, learned);
  const pins = part.effects?.pins ?? [];
  const list = placePins(picks, pins, limit);
  const items = list.map((at, place): RankedItem => {
    const item = rankedItem(own, at, place + 1, request);
    // A learned score is no sum over scorers: what it differs by from theirs stands as one part.
    if (learned.score !== undefined) item.contributions["learned"] = item.score - part.fused[at]!;
    return pins.length === 0 && explored.has(place + 1) ? { ...item, explored: true } : item;
  });
  const counts = { pool_size: part.size, sources: part.counts };
  const ranking = { strategy, items, ...counts, rules, serendipity: "learned" as const };
  const content = list.map((at) => views[at]!.item);
  // Where a rule decides who stands where, chance did not: nothing is to be learned from it.
  return pins.length > 0 ? { ranking, items: content } : { ranking, items: content, decision };
}

function bonusAt({ effects }: Part, at: number): number {
  return (effects?.boost?.[at] ?? 0) - (effects?.bury?.[at] ?? 0);
}

/** The part as a learner scores it; the same scores where it has learned nothing. */
function relearned(
  part: Part,
  { shift = {}, score }: LearnedRanking,
  itemAt: (at: number) => LearnerItem,
): Part {
  const { views, scores } = part;
  if (score !== undefined) {
    return rescored(
      part,
      Float64Array.from(views, (_, at) => Math.max(0, score(itemAt(at)) + bonusAt(part, at))),
    );
  }
  if (Object.keys(shift).length === 0) return part;
  const weights = shiftedWeights(scores.values, part.weights, shift, part.out);
  const fused = fusedScores(scores.values, weights, views.length, part.effects);
  return { ...rescored(part, fused), weights };
}
