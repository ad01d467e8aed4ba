import type { PreviewRequest, RecommendResponse } from "@signalpath/contracts";
import {
  buildUserSignals,
  compareCodePoints,
  fold,
  foldTagText,
  type ContentItem,
  type SignalEvent,
  type TagWeights,
  type UserSignals,
} from "@signalpath/domain";
import type { ContentStore } from "@signalpath/ports";
import { tickOf, type ContentFeed, type ItemStatsFeed, type Kit } from "@signalpath/service-kit";

import type { ExperimentFeed } from "./experiment-feed.ts";
import { listDiagnostics } from "./list-diagnostics.ts";
import type { LiveModels } from "./live-models/live-models.ts";
import type { MakeList } from "./make-list.ts";
import { rankingFor, shownSpace } from "./recommend-ranking.ts";

/** Whose list a preview is. */
export const PREVIEW_USER = "preview";
/** Folded labels looked up for demographics. */
const MAX_LABELS = 100;
/** As many as a stored model holds. */
const MAX_TAGS = 64;

export interface PreviewDeps {
  kit: Kit;
  makeList: MakeList;
  content: Pick<ContentStore, "get" | "tagKeys">;
  stats: Pick<ItemStatsFeed, "snapshot" | "degraded">;
  experiments: Pick<ExperimentFeed, "rankingOf">;
  feed: Pick<ContentFeed, "space">;
  /** Absent = no trained models. */
  liveModels?: Pick<LiveModels, "model"> | undefined;
}

/**
 * A list for a hand-written model: the items are folded as likes and the demographics as traits,
 * by the same rules as real events; the given affinities are laid over what follows from them.
 */
export function createPreview(deps: PreviewDeps) {
  return async (projectId: number, body: PreviewRequest): Promise<RecommendResponse> => {
    const { kit, stats, experiments, feed } = deps;
    const snapshot = stats.snapshot(projectId);
    const live = deps.liveModels?.model(projectId);
    const nowMs = snapshot?.tickMs ?? tickOf(kit.now());
    const model = await handWritten(deps.content, projectId, body, nowMs);
    const parameters = {
      limit: body.limit,
      tag: undefined,
      exclude: [],
      near: undefined,
      radiusM: undefined,
      explain: true,
    };
    const { ranking } = await deps.makeList(projectId, model, parameters, {
      snapshot,
      nowMs,
      catalogueVersion: undefined,
      // Nobody's list: no variation, but the ranking that holds for everybody.
      variant: rankingFor(experiments, projectId, undefined),
      live,
    });
    return {
      request_id: kit.newId(),
      user_id: PREVIEW_USER,
      strategy: ranking.strategy,
      model_revision: null,
      model_age_ms: null,
      items: ranking.items,
      experiments: [],
      diagnostics: {
        ...listDiagnostics(ranking, live),
        space: shownSpace(feed, projectId),
        degraded: stats.degraded() ? ["item_stats"] : [],
      },
    };
  };
}

async function handWritten(
  content: PreviewDeps["content"],
  projectId: number,
  body: PreviewRequest,
  nowMs: number,
): Promise<UserSignals> {
  const at = new Date(nowMs).toISOString();
  const base = { project_id: projectId, user_id: PREVIEW_USER, occurred_at: at, received_at: at };
  const events: SignalEvent[] = body.like_items.map((item_id, place) => ({
    ...base,
    event_id: `like-${place}`,
    kind: "feedback",
    item_id,
    reaction: "like",
  }));
  if (Object.keys(body.demographics).length > 0) {
    events.push({ ...base, event_id: "traits", kind: "identified", traits: body.demographics });
  }
  const items = await content.get(projectId, body.like_items);
  const byId = new Map<string, ContentItem>(items.map((item) => [item.item_id, item]));
  const labels = Object.values(body.demographics)
    .filter((value) => typeof value === "string")
    .slice(0, MAX_LABELS)
    .map(fold);
  const tagKeys = await content.tagKeys(projectId, labels);
  const model = buildUserSignals(
    events,
    (itemId) => byId.get(itemId),
    at,
    (label) => tagKeys.get(label) ?? [],
  );
  return { ...model, tag_affinity: laidOver(model.tag_affinity, body.tag_affinity) };
}

/** Given weights win over derived ones; the heaviest stay. */
function laidOver(derived: TagWeights, given: TagWeights): TagWeights {
  const folded = Object.entries(given).map(
    ([text, weight]) => [foldTagText(text), weight] as const,
  );
  const merged = new Map([...Object.entries(derived), ...folded]);
  const positive = [...merged].filter(([, weight]) => weight > 0);
  return Object.fromEntries(
    positive.sort((a, b) => b[1] - a[1] || compareCodePoints(a[0], b[0])).slice(0, MAX_TAGS),
  );
}
