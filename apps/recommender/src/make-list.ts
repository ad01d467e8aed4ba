import {
  candidatesOf,
  createItemViews,
  createPoolScorer,
  planPassing,
  planSteady,
  RANKING_CONFIG,
  rankingConfig,
  REASON_KINDS,
  seenSet,
  variantConfig,
  type ActiveRules,
  type CandidateQuery,
  type ContentItem,
  type FoundItems,
  type GeoPoint,
  type LearnedRanking,
  type ListDecision,
  type Neighbour,
  type PoolScorer,
  type RankingRule,
  type ProfileValues,
  type Ranking,
  type RankingConfig,
  type RankingVariant,
  type UserSignals,
} from "@signalpath/domain";
import type { ContentFilter, ContentStore } from "@signalpath/ports";
import type { ItemStatsSnapshot } from "@signalpath/service-kit";

import { createGather, type SearchedProject } from "./gather.ts";
import { createAskModel } from "./live-models/ask-model.ts";
import type { LiveModel } from "./live-models/live-models.ts";
import { takenOutBy } from "./passes-filter.ts";
import { createPoolMemo, type MadePool } from "./pool-memo.ts";

/** Everything a list depends on beside model, catalogue and statistics. */
export interface ListParameters {
  /** 1..100. */
  limit: number;
  /** Canonical tag key every item must carry. */
  tag: string | undefined;
  exclude: readonly string[];
  near: GeoPoint | undefined;
  /** Hard radius around `near`, metres. */
  radiusM: number | undefined;
  /** All reasons of an item instead of the strongest. */
  explain: boolean;
  /** Whether a place is kept for a surprise. */
  serendipity?: boolean | undefined;
}

export interface MadeList {
  ranking: Ranking;
  /** Content of the ranked items. */
  content: ReadonlyMap<string, ContentItem>;
  /** What stood where by which chance; only of a list that was learned. */
  decision?: ListDecision | undefined;
}

/** What a list is made with, the same for everybody at one moment. */
export interface ListMoment {
  /** Trend statistics; undefined = none could be read yet. */
  snapshot: ItemStatsSnapshot | undefined;
  /** When freshness and publication are judged: a tick, not the clock. */
  nowMs: number;
  /** Catalogue version that is searched; undefined = remember nothing of this list. */
  catalogueVersion: number | undefined;
  /** What a ranking uses of the person's profile features. */
  profile?: ProfileValues | undefined;
  /** What the person's variation changes; undefined = ranked as for everybody. */
  variant?: RankingVariant | undefined;
  /** What a learner changes; undefined = ranked by the weights alone. */
  learned?: LearnedRanking | undefined;
  /** The project's trained model; undefined = neighbours of the archive speak in its place. */
  live?: LiveModel | undefined;
  /** Rules that hold for this list. */
  rules?: ActiveRules | undefined;
}

interface RankedProject extends SearchedProject {
  scorer: PoolScorer;
}

export type MakeList = (
  projectId: number,
  model: UserSignals | undefined,
  parameters: ListParameters,
  moment: ListMoment,
) => Promise<MadeList>;

/** Longest list. */
const MAX_LIMIT = 100;
/** How many more items a search finds, by how many are excluded. */
const EXCLUDE_STEPS = [0, 10, 25, 50, 100, 250, 500];
const MOST_MORE = 1_000;
const TAKEN_OUT = 100;
const NO_RULES: readonly RankingRule[] = [];
const NO_NEIGHBOURS = (): readonly Neighbour[] => [];

/**
 * Plan, search, score, rank: a function of its arguments and the catalogue.
 * Items to exclude are taken out after the scoring, for which the searches find as many more: so a
 * feed that excludes what it has shown searches and scores once, not once a page. More than a
 * thousand are left out by the searches themselves, and what rules exclude uses up no place there.
 * @throws what the store throws.
 */
export function createMakeList(content: ContentStore, memo = createPoolMemo()): MakeList {
  const gather = createGather(content);
  const askModel = createAskModel();
  const projects = new Map<number, RankedProject>();

  function projectOf(id: number): RankedProject {
    const known = projects.get(id);
    if (known !== undefined) return known;
    const views = createItemViews();
    const made = { id, views, scorer: createPoolScorer(RANKING_CONFIG, views) };
    projects.set(id, made);
    return made;
  }

  async function makePool(
    projectId: number,
    model: UserSignals | undefined,
    parameters: ListParameters,
    { snapshot, nowMs, profile, live, rules: active }: ListMoment,
    config: RankingConfig,
    known: readonly FoundItems[] | undefined,
  ): Promise<MadePool> {
    const { tag, near } = parameters;
    const project = projectOf(projectId);
    const seen = model === undefined ? undefined : seenSet(model);
    const named = model === undefined ? [] : await content.get(projectId, idsIn(model));
    const byId = new Map(named.map((item) => [item.item_id, item]));
    const lookups = {
      neighbours: snapshot?.neighbours ?? NO_NEIGHBOURS,
      content: (itemId: string) => byId.get(itemId),
    };
    const trained = live && model && seen && askModel(live.scorer, model, seen);
    const rules = active?.rules ?? NO_RULES;
    const filter = filterOf(model, seen, parameters, nowMs);
    const isOut = takenOutBy(rules, project.views);
    const search = (queries: CandidateQuery[]): Promise<FoundItems[]> =>
      gather(project, queries, filter, snapshot, isOut);
    const plan = (): CandidateQuery[] => [
      ...planSteady({ model, trained, ...lookups }, config),
      ...wishedQueries(tag, rules, config),
    ];
    const [steady, passing] = await Promise.all([
      known ?? search(plan()),
      search(planPassing(near, config)),
    ]);
    const candidates = candidatesOf([...steady, ...passing]);
    const itemSignals = (itemId: string) => snapshot?.signals.get(itemId);
    const input = { model, seen, candidates, itemSignals, ...lookups, nowMs, near, profile };
    return { pool: project.scorer({ ...input, collaborative: trained }, config), steady };
  }

  return async (projectId, model, parameters, moment) => {
    const { tag, near, radiusM, limit } = parameters;
    const { snapshot, nowMs, catalogueVersion, profile, variant, live } = moment;
    const rules = moment.rules?.rules ?? NO_RULES;
    const config = configFor(parameters, variant, rules);
    const make = (known?: readonly FoundItems[]) =>
      makePool(projectId, model, parameters, moment, config, known);
    const trained = live && [live.row.model_id, live.row.sha256];
    const steady = JSON.stringify([
      catalogueVersion,
      nowMs,
      tag,
      // A place alone hides nothing.
      radiusM === undefined ? null : [radiusM, near],
      trained,
      snapshot?.neighboursComputedAt,
      moment.rules?.key,
      leftOut(parameters),
      config.candidates,
    ]);
    const key = {
      rest: `${JSON.stringify([near, snapshot?.revision, profile])} ${steady}`,
      steady,
      ranking: JSON.stringify(variant ?? null),
    };
    const pool = await (catalogueVersion === undefined
      ? make().then((made) => made.pool)
      : memo.get(projectId, model, key, make));
    const { ranking, items, decision } = pool.list({
      exclude: new Set(parameters.exclude),
      limit,
      reasonsPerItem: config.reasonsPerItem,
      learned: moment.learned,
      rules,
      serendipity: parameters.serendipity === true || variant?.serendipity === true,
    });
    return { ranking, content: new Map(items.map((item) => [item.item_id, item])), decision };
  };
}

/** Searches for what the request and the rules name. */
function wishedQueries(
  tag: string | undefined,
  rules: readonly RankingRule[],
  { candidates: k }: RankingConfig,
): CandidateQuery[] {
  const queries: CandidateQuery[] = [];
  if (tag !== undefined) queries.push({ source: "tag", weights: { [tag]: 1 }, k: k.tag });
  const pinned = rules.flatMap(({ kind, item_id }) =>
    kind === "exclude" || item_id === null ? [] : [item_id],
  );
  if (pinned.length > 0) queries.push({ source: "rule", ids: [...new Set(pinned)], k: k.rule });
  return queries;
}

/**
 * Newest items fill a list of any length, so it is short only when the catalogue is; every search
 * finds as many more as may be excluded. In steps, so that few searches differ.
 */
function configFor(
  { limit, exclude, explain }: ListParameters,
  variant: RankingVariant | undefined,
  rules: readonly RankingRule[],
): RankingConfig {
  const base = variant === undefined ? RANKING_CONFIG : variantConfig(variant);
  const { candidates, reasonsPerItem } = base;
  // Ids that neighbours and models name are cut before anybody knows which of them rules take out.
  const excluding = rules.filter((rule) => rule.kind === "exclude");
  const byTag = excluding.some((rule) => rule.tag !== null) ? TAKEN_OUT : 0;
  const out = exclude.length + excluding.length + byTag;
  const more = EXCLUDE_STEPS.find((step) => step >= out) ?? MOST_MORE;
  const enough = { ...candidates, new: limit <= candidates.new ? candidates.new : MAX_LIMIT };
  const overrides = {
    candidates: Object.fromEntries(
      Object.entries(enough).map(([source, k]) => [source, k > 0 ? k + more : 0]),
    ),
    reasonsPerItem: explain ? REASON_KINDS.length : reasonsPerItem,
  };
  return rankingConfig(overrides, base);
}

/** What the searches leave out of a request's `exclude`: nothing or all of it. */
function leftOut({ exclude }: ListParameters): readonly string[] {
  return exclude.length > MOST_MORE ? exclude : [];
}

function filterOf(
  model: UserSignals | undefined,
  seen: ReadonlySet<number> | undefined,
  parameters: ListParameters,
  nowMs: number,
): ContentFilter {
  const { tag, near, radiusM } = parameters;
  const hidden = Object.entries(model?.hidden_until ?? {})
    .filter(([, until]) => Date.parse(until) > nowMs)
    .map(([itemId]) => itemId);
  return {
    ...(seen === undefined ? {} : { seen }),
    exclude: new Set([...hidden, ...leftOut(parameters)]),
    ...(tag === undefined ? {} : { tag }),
    ...(near === undefined || radiusM === undefined ? {} : { within: { point: near, radiusM } }),
    nowMs,
  };
}

function idsIn(model: UserSignals): string[] {
  return [
    ...new Set([
      ...Object.keys(model.positives),
      ...Object.keys(model.negatives),
      ...model.recent,
      ...model.interests,
    ]),
  ];
}
