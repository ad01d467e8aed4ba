import { SIGNALS_VERSION, type SignalEvent, type UserKey } from "@signalpath/domain";
import { UnavailableError, type ModelVersion } from "@signalpath/ports";

import { bufferOf } from "./buffer-of.ts";
import { buildModel } from "./build-model.ts";
import type { Context } from "./context.ts";

/** Saves tried before the store counts as unavailable: each loss means that somebody else won. */
const MAX_ROUNDS = 8;

export interface PersonChange {
  projectId: number;
  owner: UserKey;
  /** A name to announce the model by. */
  userId: string;
  /** Archived events to add; none = the model is only brought up to date. */
  events: readonly SignalEvent[];
  /** Complete the buffer from the archive whatever it says. */
  refill?: boolean;
  /** Build and save even where the store has this version. */
  force?: boolean;
  /** Told when the buffer holds the events. */
  onBuffered?: () => void;
}

/** saved; noop: the store had it; stale_refused: a newer one stands; unknown: no events at all. */
export type RefreshResult = "saved" | "noop" | "stale_refused" | "unknown";

/**
 * Joins events into a person's buffer, builds the model of the whole set and saves it by
 * compare-and-set. Returns only when the stored model is of this set or a later one.
 *
 * @throws UnavailableError: nothing is lost, the same call may be made again.
 */
export async function refreshPerson(ctx: Context, change: PersonChange): Promise<RefreshResult> {
  const result = await refresh(ctx, change);
  ctx.meters.refreshes.inc({ result });
  return result;
}

async function refresh(ctx: Context, change: PersonChange): Promise<RefreshResult> {
  const { projectId, userId } = change;
  let { owner } = change;
  let { events } = change;
  let refill = change.refill ?? false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = await bufferOf(ctx, projectId, owner, events, refill);
    if (round === 0) change.onBuffered?.();
    owner = found.owner;
    events = [];
    refill = false;
    if (found.content.events.length === 0) return "unknown";
    const version = versionOf(ctx, projectId, found.content.revision);
    if (change.force !== true && (await isStored(ctx, owner, version))) return "noop";
    const { model, contentVersion } = await buildModel(ctx, projectId, found.content.events);
    version.contentVersion = contentVersion;
    const outcome = await ctx.models.save(owner, model, version);
    switch (outcome.status) {
      case "saved":
        ctx.saved.set(owner, version);
        ctx.announcer.modelUpdated(projectId, userId, version.revision);
        return "saved";
      case "moved":
        owner = outcome.to;
        refill = true;
        break;
      case "below_floor":
        // Erased meanwhile; what is read next is what came after.
        break;
      case "stale":
        if (await isSuperseded(ctx, projectId, owner, version)) return "stale_refused";
        break;
    }
  }
  throw new UnavailableError("user_models", "the model was changed by others all the time");
}

function versionOf(ctx: Context, projectId: number, revision: number): ModelVersion {
  const contentVersion = ctx.feed.version(projectId);
  return { revision, contentVersion, signalsVersion: SIGNALS_VERSION };
}

async function isStored(ctx: Context, owner: UserKey, version: ModelVersion): Promise<boolean> {
  if (!ctx.saved.has(owner, version)) return false;
  return (await ctx.models.get(owner, version)).status === "unchanged";
}

/**
 * What refused our save: true when the stored model has at least our events and our content. Else
 * it is ahead in one part and behind in another, and must be built again from what is newer.
 */
async function isSuperseded(
  ctx: Context,
  projectId: number,
  owner: UserKey,
  ours: ModelVersion,
): Promise<boolean> {
  const stored = await ctx.models.get(owner);
  if (stored.status !== "ok") return false;
  if (
    stored.revision >= ours.revision &&
    stored.contentVersion >= ours.contentVersion &&
    stored.signalsVersion >= ours.signalsVersion
  ) {
    return true;
  }
  if (stored.signalsVersion > ours.signalsVersion) {
    throw new UnavailableError("user_models", "a newer release keeps this model: left to it");
  }
  if (stored.contentVersion > ctx.feed.version(projectId)) {
    await ctx.feed.catchUp(projectId, stored.contentVersion);
    if (ctx.feed.version(projectId) < stored.contentVersion) {
      throw new UnavailableError("catalogue", "the content of a newer model is not loaded yet");
    }
  }
  return false;
}
