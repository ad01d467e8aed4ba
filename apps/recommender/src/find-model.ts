import type { Degradation } from "@signalpath/contracts";
import { CONTENT_SPACE, SIGNALS_VERSION, type UserKey, type UserSignals } from "@signalpath/domain";
import type { Clock, StoredModel, UserModelStore } from "@signalpath/ports";
import type { HeaderValues, Logger } from "@signalpath/service-kit";

import { withDeadline } from "./deadline.ts";
import type { KnownModel, ModelCache } from "./model-cache.ts";
import { MAX_MOVES, personKeys } from "./person-keys.ts";
import type { RefreshRequests } from "./refresh-requests.ts";

/** Which model a list was made from. */
export interface FoundModel {
  /** model: current. stale: older than it should be. fallback: there is none. */
  source: "model" | "stale" | "fallback";
  owner: UserKey;
  stored: StoredModel | undefined;
  degraded: readonly Degradation[];
}

export interface FindModelDeps {
  models: Pick<UserModelStore, "get">;
  cache: ModelCache;
  refreshes: RefreshRequests;
  /** Catalogue version of a project as this app knows it. */
  contentVersion: (projectId: number) => number;
  /** Embedding space of the content's vectors; undefined = those that came with the items. */
  space: (projectId: number) => { id: string } | undefined;
  now: Clock;
  logger: Logger;
  deadlineMs: number;
}

/** A model built with an older catalogue gets this long to be refreshed unasked, milliseconds. */
const CONTENT_GRACE_MS = 10 * 60_000;
/** Models are kept 7 days after their last save: served ones are saved anew, milliseconds. */
const RENEW_AFTER_MS = 12 * 3_600_000;
const WARN_EVERY_MS = 10_000;
const NONE: readonly Degradation[] = [];

/**
 * The stored model behind a `user_id`: a user's, else an anonymous visitor's, links followed.
 * A store that is down, slow or answers nonsense costs quality, never the answer: the last model
 * seen by this process is used, or none.
 */
export function createFindModel(deps: FindModelDeps) {
  const { cache, now } = deps;
  let warnedAt = Number.NEGATIVE_INFINITY;

  async function lookUp(asked: UserKey): Promise<KnownModel | undefined> {
    const known = cache.get(asked);
    let owner = known?.owner ?? asked;
    for (let moves = 0; moves <= MAX_MOVES; moves++) {
      const held = known?.owner === owner ? known : undefined;
      const answer = await deps.models.get(owner, held?.stored);
      if (answer.status === "unchanged" && held !== undefined) return held;
      if (answer.status === "moved") {
        owner = answer.to;
        continue;
      }
      if (answer.status !== "ok") break;
      const found = { owner, stored: answer };
      cache.set(asked, found);
      return found;
    }
    return undefined;
  }

  async function search(
    projectId: number,
    userId: string,
    traceHeaders?: HeaderValues,
  ): Promise<FoundModel> {
    const keys = personKeys(projectId, userId);
    let lost = false;
    for (const asked of keys) {
      const found = await lookUp(asked);
      if (found !== undefined) return judged(projectId, userId, asked, found, traceHeaders);
      // The store is up and has nothing: what was known of the person is gone, so it is not used.
      lost = cache.delete(asked) || lost;
    }
    const wish = { project_id: projectId, user_id: userId, reason: "missing" } as const;
    deps.refreshes.request(keys[0], wish, traceHeaders);
    const degraded = lost ? (["model_missing"] as const) : NONE;
    return { source: "fallback", owner: keys[0], stored: undefined, degraded };
  }

  function judged(
    projectId: number,
    userId: string,
    asked: UserKey,
    found: KnownModel,
    traceHeaders?: HeaderValues,
  ): FoundModel {
    const { owner, stored } = found;
    const space = deps.space(projectId)?.id ?? CONTENT_SPACE;
    if ((stored.model.space?.id ?? CONTENT_SPACE) !== space) {
      const wish = { project_id: projectId, user_id: userId, reason: "content", space } as const;
      deps.refreshes.request(owner, wish, traceHeaders);
      // The next one may be saved under the same version: it is to be read whole.
      cache.delete(asked);
      const rest = { ...stored, model: withoutVectors(stored.model) };
      return { source: "stale", owner, stored: rest, degraded: NONE };
    }
    const age = now() - stored.savedAtMs;
    const isStale =
      age > RENEW_AFTER_MS ||
      stored.signalsVersion < SIGNALS_VERSION ||
      (age > CONTENT_GRACE_MS && stored.contentVersion < deps.contentVersion(projectId));
    if (isStale) {
      const wish = { project_id: projectId, user_id: userId, reason: "stale" } as const;
      deps.refreshes.request(owner, wish, traceHeaders);
    }
    return { source: isStale ? "stale" : "model", owner, stored, degraded: NONE };
  }

  function lastKnown(projectId: number, userId: string): FoundModel {
    const keys = personKeys(projectId, userId);
    const known = cache.get(keys[0]) ?? cache.get(keys[1]);
    return {
      source: known === undefined ? "fallback" : "stale",
      owner: known?.owner ?? keys[0],
      stored: known?.stored,
      degraded: ["model_store"],
    };
  }

  return async (
    projectId: number,
    userId: string,
    traceHeaders?: HeaderValues,
  ): Promise<FoundModel> => {
    try {
      const found = search(projectId, userId, traceHeaders);
      return await withDeadline(found, deps.deadlineMs, "model_store");
    } catch (error) {
      if (now() - warnedAt >= WARN_EVERY_MS) {
        warnedAt = now();
        deps.logger.warn({ err: error }, "model store does not answer, serving what is known");
      }
      return lastKnown(projectId, userId);
    }
  };
}

/** What a model says without comparing vectors: tags, items, habits. */
function withoutVectors(model: UserSignals): UserSignals {
  const { taste: _taste, taste_away: _away, space: _space, ...rest } = model;
  return rest;
}

export type FindModel = ReturnType<typeof createFindModel>;
