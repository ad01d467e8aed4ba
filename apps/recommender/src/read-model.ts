import { setTimeout as sleep } from "node:timers/promises";

import { ServiceError } from "@signalpath/contracts";
import type { UserKey } from "@signalpath/domain";
import {
  UnavailableError,
  type Archive,
  type StoredModel,
  type UserModelStore,
} from "@signalpath/ports";

import { createKnownKey } from "./known-key.ts";
import { MAX_MOVES, personKeys } from "./person-keys.ts";
import type { RefreshRequests } from "./refresh-requests.ts";

/** A model that was lost is waited for this long, milliseconds. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 25;

export interface ReadModelDeps {
  models: Pick<UserModelStore, "get">;
  /** Tells who is known although the model store has nothing. */
  archive?: Pick<Archive, "resolve" | "eventsOf"> | undefined;
  refreshes: RefreshRequests;
}

export type ReadModel = (
  projectId: number,
  userId: string,
) => Promise<{ owner: UserKey; stored: StoredModel }>;

/**
 * The stored model behind a `user_id`, for calls that show the model itself: nothing else will do.
 * The model of a known person that the store has lost (a cache after a restart) is asked for and
 * waited for; this is no hot path.
 * @throws ServiceError USER_MODEL_NOT_FOUND; UnavailableError when the store is down.
 */
export function createReadModel({ models, archive, refreshes }: ReadModelDeps): ReadModel {
  const knownKey = createKnownKey(archive);

  async function find(projectId: number, userId: string) {
    for (const asked of personKeys(projectId, userId)) {
      let owner = asked;
      for (let moves = 0; moves <= MAX_MOVES; moves++) {
        const answer = await models.get(owner);
        if (answer.status === "ok") return { owner, stored: answer };
        if (answer.status === "unchanged") {
          throw new UnavailableError("model_store", "answered a question that was not asked");
        }
        if (answer.status === "absent") break;
        owner = answer.to;
      }
    }
    return undefined;
  }

  return async (projectId, userId) => {
    const found = await find(projectId, userId);
    if (found !== undefined) return found;
    const known = await knownKey(projectId, userId);
    if (known !== undefined) {
      refreshes.request(known, { project_id: projectId, user_id: userId, reason: "missing" });
      const deadline = performance.now() + PATIENCE_MS;
      while (performance.now() < deadline) {
        await sleep(PAUSE_MS);
        const again = await find(projectId, userId);
        if (again !== undefined) return again;
      }
    }
    throw new ServiceError("USER_MODEL_NOT_FOUND", "no model of this user");
  };
}
