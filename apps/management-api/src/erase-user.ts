import { STREAMS, subjects, type EraseResponse } from "@signalpath/contracts";
import { userKey, type UserKey } from "@signalpath/domain";
import type { Archive, EventBuffer, UserModelStore } from "@signalpath/ports";
import { sha256, type Kit } from "@signalpath/service-kit";

import type { Announce } from "./announce.ts";

export interface EraseUserDeps {
  archive: Pick<Archive, "erase" | "resolve" | "eventsOf">;
  buffer: Pick<EventBuffer, "read" | "erase">;
  models: Pick<UserModelStore, "get" | "erase">;
  announce: Announce;
  kit: Pick<Kit, "now">;
}

const DAY_MS = 24 * 3_600_000;
/** Events looked at for the ids a person went by. */
const EVENTS_READ = 2_000;
/** Ids announced of one person; a cache entry of one more lives an hour at most. */
const MAX_IDS = 50;

/**
 * Forgets a person everywhere this system keeps them: the archive decides (tombstone, rows, dead
 * letters), then buffer and model of every key of theirs go and may not come back with an older
 * revision, then caches are told. Interrupted anywhere, repeating the call finishes it.
 * @throws UnavailableError when a store is down; repeat the call.
 */
export function createEraseUser(deps: EraseUserDeps) {
  const { archive, buffer, models } = deps;

  async function isKnown(projectId: number, key: UserKey): Promise<boolean> {
    const owner = await archive.resolve(projectId, key);
    if (owner !== key) return true;
    if ((await archive.eventsOf(projectId, owner, { limit: 1 })).length > 0) return true;
    const held = await buffer.read(key);
    if (held.status === "moved" || held.events.length > 0) return true;
    return (await models.get(key)).status !== "absent";
  }

  /** A user of that id, else an anonymous visitor; of nobody known, the user (who may be on the way). */
  async function keyOf(projectId: number, userId: string): Promise<UserKey> {
    const user = userKey(sha256, projectId, "user", userId);
    if (await isKnown(projectId, user)) return user;
    const anonymous = userKey(sha256, projectId, "anonymous", userId);
    return (await isKnown(projectId, anonymous)) ? anonymous : user;
  }

  /** The id asked for and those linked to it: caches know a person by any of them. */
  async function idsOf(projectId: number, key: UserKey, userId: string): Promise<string[]> {
    const owner = await archive.resolve(projectId, key);
    const ids = new Set([userId]);
    for (const event of await archive.eventsOf(projectId, owner, { limit: EVENTS_READ })) {
      for (const id of [event.user_id, event.anonymous_id]) if (id !== undefined) ids.add(id);
    }
    return [...ids].slice(0, MAX_IDS);
  }

  return async (projectId: number, userId: string): Promise<EraseResponse> => {
    const key = await keyOf(projectId, userId);
    const ids = await idsOf(projectId, key, userId);
    const erasure = await archive.erase(projectId, key, deps.kit.now());
    const erasedAtMs = Date.parse(erasure.erasedAt);
    const floor = erasedAtMs + 1;
    const removed = { ...erasure.removed, buffers: 0, models: 0 };
    for (const gone of erasure.keys) {
      if ((await buffer.erase(gone, floor)).removed) removed.buffers++;
      if ((await models.erase(gone, floor)).removed) removed.models++;
    }
    for (const id of ids) {
      const message = { project_id: projectId, user_id: id, erased_at: erasure.erasedAt };
      await deps.announce(subjects.userErased, message);
    }
    const forgets = new Date(erasedAtMs + STREAMS.SIGNALS.maxAgeDays * DAY_MS).toISOString();
    return { user_id: userId, erased_at: erasure.erasedAt, removed, bus_forgets_at: forgets };
  };
}
