import type { Degradation, RecommendQuery } from "@signalpath/contracts";
import {
  foldTagText,
  type ContentItem,
  type ProfileValues,
  type RankingVariant,
} from "@signalpath/domain";
import type { ContentStore } from "@signalpath/ports";
import {
  tickOf,
  type ContentFeed,
  type HeaderValues,
  type ItemStatsFeed,
  type Kit,
} from "@signalpath/service-kit";

import type { AssignedVariation, ExperimentFeed } from "./experiment-feed.ts";
import type { FindModel, FoundModel } from "./find-model.ts";
import type { FindProfile } from "./find-profile.ts";
import type { CachedList, ListCache } from "./list-cache.ts";
import { listDiagnostics } from "./list-diagnostics.ts";
import type { LiveModel, LiveModels } from "./live-models/live-models.ts";
import type { AnnounceDecision } from "./learning/announce-decision.ts";
import type { LearnerFeed, Learned } from "./learning/learner-feed.ts";
import { rankingFor, shownSpace } from "./recommend-ranking.ts";
import type { RuleFeed } from "./rule-feed.ts";
import type { ListParameters, MadeList, MakeList } from "./make-list.ts";

export interface RecommendDeps {
  kit: Kit;
  findModel: FindModel;
  findProfile: FindProfile;
  makeList: MakeList;
  lists: ListCache;
  content: Pick<ContentStore, "size" | "degraded">;
  feed: Pick<ContentFeed, "version" | "stale" | "space">;
  stats: Pick<ItemStatsFeed, "snapshot" | "degraded">;
  learners: Pick<LearnerFeed, "learnedFor" | "degraded">;
  decisions: AnnounceDecision;
  experiments: Pick<ExperimentFeed, "assign" | "rankingOf" | "degraded">;
  /** Absent = no rules. */
  rules?: Pick<RuleFeed, "rulesFor" | "degraded"> | undefined;
  /** Absent = no trained models. */
  liveModels?: Pick<LiveModels, "model" | "degraded"> | undefined;
}

/** Parameters of a list and whether content travels with it. */
type Wanted = ListParameters & { includeContent: boolean; placement: string | undefined };

/** What a list takes from who asks, beside the model. */
interface Personal {
  profile: ProfileValues | undefined;
  variant: RankingVariant | undefined;
  learned: Learned | undefined;
}

/** Who is answered, and under which id. */
interface Asked {
  projectId: number;
  userId: string;
  requestId: string;
  traceHeaders: HeaderValues | undefined;
}

/** No list could be made because the content index does not answer. */
const NO_LIST: CachedList = {
  strategy: "cold",
  itemsJson: "[]",
  diagnosticsJson: '"pool_size":0,"sources":{},"ranking":"static","collaborative_model":null',
  empty: true,
};

/**
 * One recommendation: the stored model of a person, ranked, as the JSON text of a
 * `RecommendResponse`. Equal versions of the person's model, of the catalogue, of the trained model
 * and of the rules, equal trends, parameters, profile features and variation give an equal list;
 * `request_id` is fresh each time. Never fails for a store that is down: the answer says in
 * `diagnostics.degraded` what was missing.
 */
export function createRecommend(deps: RecommendDeps) {
  const { kit, lists, stats, feed, experiments } = deps;
  const sources = kit.metrics.counter(
    "recommend_source_total",
    "Lists by where the model came from",
    ["source"],
  );
  const pools = kit.metrics.histogram(
    "recommend_candidate_pool_size",
    "Candidates that were scored for a list",
    [],
    [0, 10, 25, 50, 100, 200, 300, 400, 600, 1_000],
  );

  async function listOf(
    asked: Asked,
    found: FoundModel,
    wanted: Wanted,
    { profile, variant, learned }: Personal,
    degraded: Degradation[],
  ): Promise<CachedList> {
    const { projectId } = asked;
    const snapshot = stats.snapshot(projectId);
    const nowMs = snapshot === undefined || stats.degraded() ? tickOf(kit.now()) : snapshot.tickMs;
    const catalogueVersion = feed.version(projectId);
    const live = deps.liveModels?.model(projectId);
    const { stored } = found;
    const traits = stored?.model.demographics ?? {};
    const rules = deps.rules?.rulesFor(projectId, { nowMs, placement: wanted.placement, traits });
    const owner = stored === undefined ? undefined : found.owner;
    const inputs = JSON.stringify([
      projectId,
      stored && [stored.revision, stored.contentVersion, stored.signalsVersion],
      catalogueVersion,
      nowMs,
      snapshot?.revision,
      wanted,
      profile,
      variant,
      live && [live.row.model_id, live.row.sha256],
      rules?.key,
    ]);
    // What is explored hangs on the request, and the next page of a feed excludes this one too: such
    // lists are not asked for again, and to keep them costs more than they do.
    const isKept = learned === undefined && wanted.exclude.length === 0;
    const known = isKept ? lists.get(owner, inputs) : undefined;
    if (known !== undefined) return known;
    const ranking = learned?.rankingFor(asked.requestId);
    let made: MadeList;
    try {
      made = await deps.makeList(projectId, stored?.model, wanted, {
        snapshot,
        nowMs,
        catalogueVersion,
        profile,
        variant,
        live,
        rules,
        learned: ranking,
      });
    } catch (error) {
      kit.logger.warn({ err: error }, "content store does not answer, the list is empty");
      degraded.push("content_store");
      return NO_LIST;
    }
    pools.observe(made.ranking.pool_size);
    const list = serialise(
      made,
      wanted.includeContent,
      learned?.mode ?? "static",
      live,
      shownSpace(feed, projectId),
    );
    if (isKept) lists.set(owner, inputs, list);
    if (learned !== undefined && made.decision !== undefined && ranking?.posterior !== undefined) {
      deps.decisions(asked, learned.mode, made.decision);
    }
    return list;
  }

  return async (
    projectId: number,
    query: RecommendQuery,
    traceHeaders?: HeaderValues,
  ): Promise<string> => {
    const found = await deps.findModel(projectId, query.user_id, traceHeaders);
    sources.inc({ source: found.source });
    const degraded: Degradation[] = [...found.degraded];
    if (stats.degraded()) degraded.push("item_stats");
    if (feed.stale()) degraded.push("content_store");
    if (experiments.degraded()) degraded.push("experiments");
    if (deps.rules?.degraded() === true) degraded.push("ranking_rules");
    if (deps.liveModels?.degraded(projectId) === true) degraded.push("live_model");
    const assigned = experiments.assign(projectId, query.user_id);
    const variant = rankingFor(experiments, projectId, assigned);
    const answered = await deps.findProfile(projectId, query.user_id, found, variant);
    degraded.push(...answered.degraded);
    const { profile } = answered;
    if (deps.learners.degraded()) degraded.push("learning");
    const learned = await deps.learners.learnedFor(projectId, variant?.bandit);
    if (learned === "unavailable" && !degraded.includes("learning")) degraded.push("learning");
    const personal = { profile, variant, learned: learned === "unavailable" ? undefined : learned };
    const asked = { projectId, userId: query.user_id, requestId: kit.newId(), traceHeaders };
    const list = await listOf(asked, found, wantedBy(query), personal, degraded);
    if (deps.content.degraded?.() === true && !degraded.includes("content_store")) {
      degraded.push("content_store");
    }
    if (list.empty && !degraded.includes("content_store")) {
      if ((await deps.content.size(projectId)) === 0) degraded.push("no_content");
    }
    return answerJson(kit, asked, found, list, { assigned, degraded });
  };
}

/** Query in the form that names a list: equal wishes, equal text. */
export function wantedBy(query: RecommendQuery): Wanted {
  const { near_lat: lat, near_lon: lon } = query;
  return {
    limit: query.limit,
    tag: query.filter === undefined ? undefined : foldTagText(query.filter),
    exclude: [...new Set(query.exclude)].sort(),
    near: lat === undefined || lon === undefined ? undefined : { lat, lon },
    radiusM: query.geo_radius_m,
    explain: query.explain,
    includeContent: query.include_content,
    placement: query.placement,
    serendipity: query.serendipity,
  };
}

function serialise(
  { ranking, content }: MadeList,
  includeContent: boolean,
  mode: Learned["mode"] | "static",
  live: LiveModel | undefined,
  space: string,
): CachedList {
  const items = ranking.items.map((item) =>
    includeContent ? { ...item, content: withoutVector(content.get(item.item_id)) } : item,
  );
  const diagnostics = { ...listDiagnostics(ranking, live, mode), space };
  return {
    strategy: ranking.strategy,
    itemsJson: JSON.stringify(items),
    diagnosticsJson: JSON.stringify(diagnostics).slice(1, -1),
    empty: items.length === 0,
  };
}

/** An embedding means nothing to who shows the item, and is most of its bytes. */
export function withoutVector(
  item: ContentItem | undefined,
): Omit<ContentItem, "vector"> | undefined {
  if (item?.vector === undefined) return item;
  const { vector: _vector, ...rest } = item;
  return rest;
}

function answerJson(
  kit: Kit,
  { userId, requestId }: Asked,
  { stored }: FoundModel,
  list: CachedList,
  { assigned, degraded }: { assigned: AssignedVariation | undefined; degraded: Degradation[] },
): string {
  const age = stored === undefined ? null : Math.max(0, kit.now() - stored.savedAtMs);
  return (
    `{"request_id":"${requestId}","user_id":${JSON.stringify(userId)},` +
    `"strategy":"${list.strategy}","model_revision":${stored?.revision ?? null},` +
    `"model_age_ms":${age},"items":${list.itemsJson},"experiments":${shownExperiments(assigned)},` +
    `"diagnostics":{${list.diagnosticsJson},"degraded":${JSON.stringify(degraded)}}}`
  );
}

function shownExperiments(assigned: AssignedVariation | undefined): string {
  if (assigned === undefined) return "[]";
  const { experimentId: experiment_id, variationIndex: variation_index } = assigned;
  return JSON.stringify([{ experiment_id, variation_index }]);
}
