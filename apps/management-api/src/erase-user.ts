import { STREAMS, subjects, type EraseResponse } from "@signalpath/contracts";
import { userKey, type UserKey } from "@signalpath/domain";
import type { Archive, EventBuffer, FeatureStore, UserModelStore } from "@signalpath/ports";
import { sha256, type HeaderValues, type Kit } from "@signalpath/service-kit";

import type { Announce } from "./announce.ts";

export interface EraseUserDeps {
  archive: Pick<Archive, "erase" | "recordErasure" | "erasureOf" | "resolve" | "eventsOf">;
  buffer: Pick<EventBuffer, "read" | "erase">;
  models: Pick<UserModelStore, "get" | "erase">;
  /** Only counts; they go with the buffer. Absent = there are none. */
  features?: Pick<FeatureStore, "get"> | undefined;
  announce: Announce;
  kit: Pick<Kit, "now">;
}

const DAY_MS = 24 * 3_600_000;

/**
 * Forgets a person wherever events of theirs came to (uploads of training data and models trained
 * before are not looked into, which the receipt says): the archive decides (tombstone, rows, dead
 * letters), then buffer, model and features of every key of theirs go and may not come back with an older
 * revision, then caches are told. Interrupted anywhere, repeating the call finishes it: the archive
 * keeps what is still to be announced and the receipt, which counts all that was ever removed of
 * this person, so a repetition that finds nothing answers the same.
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
    if ((await models.get(key)).status !== "absent") return true;
    // Erased before: a name that was a person's is never taken for a device of that name.
    const receipt = await archive.erasureOf(projectId, key);
    return receipt !== undefined && Object.values(receipt.removed).some((count) => count > 0);
  }

  /** A user of that id, else an anonymous visitor; of nobody known, the user (who may be on the way). */
  async function keyOf(projectId: number, userId: string): Promise<UserKey> {
    const user = userKey(sha256, projectId, "user", userId);
    if (await isKnown(projectId, user)) return user;
    const anonymous = userKey(sha256, projectId, "anonymous", userId);
    return (await isKnown(projectId, anonymous)) ? anonymous : user;
  }

  /** Noted before anything goes: a call cut off between the two is counted by the next one. */
  async function clear(projectId: number, keys: readonly UserKey[], atMs: number): Promise<void> {
    const floor = atMs + 1;
    const none = () => [] as UserKey[];
    const found = { atMs, buffers: none(), models: none(), features: none(), done: false };
    for (const key of keys) {
      const held = await buffer.read(key);
      if (held.status === "ok" && held.events.length > 0) found.buffers.push(key);
      if ((await models.get(key)).status === "ok") found.models.push(key);
      const features = await deps.features?.get(key);
      if (features?.status === "ok" && features.features.size > 0) found.features.push(key);
    }
    await archive.recordErasure(projectId, keys, found);
    for (const key of keys) {
      // Buffer, model and features in one step of the store.
      const gone = await buffer.erase(key, floor, { everything: true });
      if (gone.removed) found.buffers.push(key);
      if (gone.modelRemoved === true) found.models.push(key);
      if (gone.featuresRemoved === true) found.features.push(key);
      // Where models are kept elsewhere they go now; else nothing is left.
      if ((await models.erase(key, floor)).removed) found.models.push(key);
      const features = await deps.features?.get(key);
      if (features?.status === "ok" && features.features.size > 0) found.features.push(key);
    }
    await archive.recordErasure(projectId, keys, found);
  }

  return async (
    projectId: number,
    userId: string,
    traceHeaders: HeaderValues = {},
  ): Promise<EraseResponse> => {
    const key = await keyOf(projectId, userId);
    const atMs = deps.kit.now();
    const { keys, ids, erasedAt } = await archive.erase(projectId, key, atMs);
    await clear(projectId, keys, atMs);
    let told = true;
    for (const id of new Set([userId, ...ids])) {
      const message = { project_id: projectId, user_id: id, erased_at: erasedAt, keys };
      told = (await deps.announce(subjects.userErased, message, { traceHeaders })) && told;
    }
    // What could not be announced is announced by the next call.
    const done = { atMs, buffers: [], models: [], features: [], done: told };
    const receipt = await archive.recordErasure(projectId, keys, done);
    const until = Date.parse(receipt.erasedAt) + STREAMS.SIGNALS.maxAgeDays * DAY_MS;
    return {
      user_id: userId,
      erased_at: receipt.erasedAt,
      removed: receipt.removed,
      kept: ["training_data", "trained_models"],
      bus_forgets_at: new Date(until).toISOString(),
    };
  };
}
