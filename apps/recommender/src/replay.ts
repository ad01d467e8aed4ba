import { ServiceError, type RecommendQuery, type RecommendResponse } from "@signalpath/contracts";
import {
  BUFFER_CAP,
  BUFFER_WINDOW_MS,
  createUserSignalsBuilder,
  fold,
  joinEvents,
  type SignalEvent,
  type UserSignals,
} from "@signalpath/domain";
import type { Archive, ContentStore, EventSource } from "@signalpath/ports";
import { tickOf, type ContentFeed, type ItemStatsFeed, type Kit } from "@signalpath/service-kit";

import type { ExperimentFeed } from "./experiment-feed.ts";
import { listDiagnostics } from "./list-diagnostics.ts";
import type { LiveModels } from "./live-models/live-models.ts";
import type { MakeList } from "./make-list.ts";
import { personKeys } from "./person-keys.ts";
import { readEvents } from "./read-events.ts";
import { withoutVector, wantedBy } from "./recommend.ts";
import { rankingFor, shownSpace } from "./recommend-ranking.ts";
import type { RuleFeed } from "./rule-feed.ts";

/** Behind every id: ids are printable. */
const AFTER_ANY_ID = "\uffff";

export interface ReplayDeps {
  kit: Kit;
  makeList: MakeList;
  content: Pick<ContentStore, "get" | "tagKeys">;
  feed: Pick<ContentFeed, "space" | "stale">;
  stats: Pick<ItemStatsFeed, "snapshot" | "degraded">;
  experiments: Pick<ExperimentFeed, "assign" | "rankingOf">;
  events: Pick<EventSource, "read">;
  archive: Pick<Archive, "resolve" | "eventsOf"> | undefined;
  rules?: Pick<RuleFeed, "rulesFor"> | undefined;
  liveModels?: Pick<LiveModels, "model"> | undefined;
}

/** A model of an earlier moment, and what it was folded from. */
export interface ReplayedModel {
  model: UserSignals;
  events: readonly SignalEvent[];
  /** False: events of that time may no longer be kept. */
  complete: boolean;
}

export type ReplayModel = (
  projectId: number,
  userId: string,
  asOf: string,
) => Promise<ReplayedModel | undefined>;

/**
 * Folds a person's events up to an earlier moment, as the event buffer held them then: the newest
 * 2,000 of 30 days, from the archive, else from the buffer of now. Links and the catalogue are
 * those of now, and what was erased is gone. Undefined = nothing had happened by then.
 * @throws ServiceError VALIDATION_FAILED for a moment that is yet to come; UnavailableError.
 */
export function createReplayModel(
  deps: Pick<ReplayDeps, "kit" | "content" | "feed" | "events" | "archive">,
): ReplayModel {
  const { archive, content, feed } = deps;

  async function eventsUntil(projectId: number, userId: string, asOf: string) {
    for (const key of personKeys(projectId, userId)) {
      if (archive !== undefined) {
        const owner = await archive.resolve(projectId, key);
        const before = { occurred_at: asOf, event_id: AFTER_ANY_ID };
        const found = await archive.eventsOf(projectId, owner, { limit: BUFFER_CAP, before });
        if (found.length > 0) return { events: joinEvents([], found), complete: true };
        continue;
      }
      const kept = await readEvents(deps.events, key);
      const found = kept.filter(({ occurred_at }) => occurred_at <= asOf);
      if (kept.length === 0) continue;
      return { events: joinEvents([], found), complete: holdsAllUntil(kept, asOf) };
    }
    return { events: [], complete: true };
  }

  return async (projectId, userId, asOf) => {
    const moment = new Date(asOf).toISOString();
    if (Date.parse(moment) > deps.kit.now()) {
      throw new ServiceError("VALIDATION_FAILED", "as_of is yet to come");
    }
    const { events, complete } = await eventsUntil(projectId, userId, moment);
    if (events.length === 0) return undefined;
    const ids = [...new Set(events.flatMap(({ item_id }) => item_id ?? []))];
    const byId = new Map((await content.get(projectId, ids)).map((item) => [item.item_id, item]));
    const labels = await content.tagKeys(projectId, toldTexts(events));
    const build = createUserSignalsBuilder({ tagLabels: (label) => labels.get(label) ?? [] });
    const model = build(events, (id) => byId.get(id), moment, feed.space(projectId));
    return { model, events, complete };
  };
}

/**
 * A buffer holds 30 days before its newest event: at an earlier moment it reached further back. What
 * lay there is gone, unless the buffer begins later than it could.
 */
function holdsAllUntil(kept: readonly SignalEvent[], asOf: string): boolean {
  const [oldest, newest] = [kept[0], kept.at(-1)];
  if (oldest === undefined || newest === undefined || newest.occurred_at <= asOf) return true;
  const slackMs = 24 * 3_600_000;
  const floor = Date.parse(newest.occurred_at) - BUFFER_WINDOW_MS;
  return kept.length < BUFFER_CAP && Date.parse(oldest.occurred_at) - floor > slackMs;
}

function toldTexts(events: readonly SignalEvent[]): string[] {
  const told = events.flatMap(({ traits, answers }) => [
    ...Object.values(traits ?? {}),
    ...Object.values(answers ?? {}),
  ]);
  const texts = told.flat().filter((text) => typeof text === "string");
  return [...new Set(texts.map(fold))];
}

/**
 * The same request for the person as they were at an earlier moment. Off the path of lists that are
 * shown: nothing is cached, nothing explored, nothing learned, no refresh asked for.
 */
export function createReplay(deps: ReplayDeps, replayModel: ReplayModel) {
  return async (
    projectId: number,
    query: RecommendQuery & { as_of: string },
  ): Promise<RecommendResponse> => {
    const { kit, stats } = deps;
    const replayed = await replayModel(projectId, query.user_id, query.as_of);
    const asOf = new Date(query.as_of).toISOString();
    const nowMs = tickOf(Date.parse(asOf));
    const snapshot = stats.snapshot(projectId);
    const live = deps.liveModels?.model(projectId);
    const assigned = deps.experiments.assign(projectId, query.user_id);
    const traits = replayed?.model.demographics ?? {};
    const { placement } = query;
    const { ranking, content } = await deps.makeList(projectId, replayed?.model, wantedBy(query), {
      snapshot,
      nowMs,
      catalogueVersion: undefined,
      variant: rankingFor(deps.experiments, projectId, assigned),
      live,
      rules: deps.rules?.rulesFor(projectId, { nowMs, placement, traits }),
    });
    const withContent = (item: (typeof ranking.items)[number]) => ({
      ...item,
      content: withoutVector(content.get(item.item_id)),
    });
    return {
      request_id: kit.newId(),
      user_id: query.user_id,
      strategy: ranking.strategy,
      model_revision: null,
      model_age_ms: null,
      items: query.include_content ? ranking.items.map(withContent) : ranking.items,
      experiments:
        assigned === undefined
          ? []
          : [{ experiment_id: assigned.experimentId, variation_index: assigned.variationIndex }],
      diagnostics: {
        ...listDiagnostics(ranking, live),
        space: shownSpace(deps.feed, projectId),
        replay: {
          as_of: asOf,
          events: replayed?.events.length ?? 0,
          complete: replayed?.complete ?? true,
        },
        degraded: [
          ...(stats.degraded() ? (["item_stats"] as const) : []),
          ...(deps.feed.stale() ? (["content_store"] as const) : []),
        ],
      },
    };
  };
}
