import {
  createRanker,
  planCandidates,
  RANKING_CONFIG,
  rankingConfig,
  REASON_KINDS,
  seenSet,
  type CandidateQuery,
  type ContentItem,
  type GeoPoint,
  type Neighbour,
  type Ranker,
  type Ranking,
  type RankingConfig,
  type UserSignals,
} from "@signalpath/domain";
import type { ContentFilter, ContentStore } from "@signalpath/ports";
import type { ItemStatsSnapshot } from "@signalpath/service-kit";

import { createGather } from "./gather.ts";

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
}

export interface MadeList {
  ranking: Ranking;
  /** Content of the ranked items. */
  content: ReadonlyMap<string, ContentItem>;
}

export type MakeList = (
  projectId: number,
  model: UserSignals | undefined,
  parameters: ListParameters,
  /** Trend statistics; undefined = none could be read yet. */
  snapshot: ItemStatsSnapshot | undefined,
  /** The moment freshness and publication are judged at: a tick, not the clock. */
  nowMs: number,
) => Promise<MadeList>;

const NO_NEIGHBOURS = (): readonly Neighbour[] => [];

/** Plan, search, rank: a function of its arguments and the catalogue. @throws what the store throws. */
export function createMakeList(content: ContentStore): MakeList {
  const gather = createGather(content);
  const rankers = new Map<number, Ranker>();

  function rankerOf(projectId: number): Ranker {
    const known = rankers.get(projectId);
    if (known !== undefined) return known;
    const made = createRanker();
    rankers.set(projectId, made);
    return made;
  }

  return async (projectId, model, parameters, snapshot, nowMs) => {
    const { limit, tag, near } = parameters;
    const config = configFor(parameters);
    const named = model === undefined ? [] : await content.get(projectId, idsIn(model));
    const byId = new Map(named.map((item) => [item.item_id, item]));
    const lookups = {
      neighbours: snapshot?.neighbours ?? NO_NEIGHBOURS,
      content: (itemId: string) => byId.get(itemId),
    };
    const queries: CandidateQuery[] = planCandidates({ model, near, ...lookups }, config);
    if (tag !== undefined) {
      queries.push({ source: "tag", weights: { [tag]: 1 }, k: config.candidates.tag });
    }
    const filter = filterOf(model, parameters, nowMs);
    const candidates = await gather(projectId, queries, filter, snapshot);
    const ranking = rankerOf(projectId)(
      {
        model,
        candidates,
        itemSignals: (itemId) => snapshot?.signals.get(itemId),
        ...lookups,
        nowMs,
        near,
        limit,
      },
      config,
    );
    const items = new Map(candidates.map(({ item }) => [item.item_id, item]));
    return { ranking, content: items };
  };
}

/** Newest items fill a list of any length, so it is short only when the catalogue is. */
function configFor({ limit, explain }: ListParameters): RankingConfig {
  const { candidates, reasonsPerItem } = RANKING_CONFIG;
  return rankingConfig({
    candidates: { new: Math.max(candidates.new, limit) },
    reasonsPerItem: explain ? REASON_KINDS.length : reasonsPerItem,
  });
}

function filterOf(
  model: UserSignals | undefined,
  { tag, exclude, near, radiusM }: ListParameters,
  nowMs: number,
): ContentFilter {
  const hidden = Object.entries(model?.hidden_until ?? {})
    .filter(([, until]) => Date.parse(until) > nowMs)
    .map(([itemId]) => itemId);
  return {
    ...(model === undefined ? {} : { seen: seenSet(model) }),
    exclude: new Set([...exclude, ...hidden]),
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
