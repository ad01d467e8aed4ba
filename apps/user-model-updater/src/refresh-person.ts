import { SIGNALS_VERSION, type SignalEvent, type UserKey } from "@signalpath/domain";
import {
  supersedes,
  UnavailableError,
  type BufferContent,
  type ModelVersion,
} from "@signalpath/ports";
import { traceWork } from "@signalpath/service-kit";

import { bufferOf } from "./buffer-of.ts";
import { buildModel } from "./build-model.ts";
import type { Context } from "./context.ts";
import { refreshFeatures, type FeatureWish } from "./refresh-features.ts";

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
  /** Profile features to compute; absent = none. */
  features?: FeatureWish;
  /** Told when the buffer holds the events. */
  onBuffered?: () => void;
}

/** saved; noop: the store had it; stale_refused: a newer one stands; unknown: no events at all. */
export type RefreshResult = "saved" | "noop" | "stale_refused" | "unknown";

/**
 * Joins events into a person's buffer, builds the model of the whole set and saves it by
 * compare-and-set, then the features asked for. Returns only when what is stored is of this set or
 * a later one.
 *
 * @throws UnavailableError: nothing is lost, the same call may be made again.
 */
export async function refreshPerson(ctx: Context, change: PersonChange): Promise<RefreshResult> {
  const result = await refresh(ctx, change);
  ctx.meters.refreshes.inc({ result });
  return result;
}

async function refresh(ctx: Context, change: PersonChange): Promise<RefreshResult> {
  let { owner, events, features } = change;
  let refill = change.refill ?? false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = await bufferOf(ctx, change.projectId, owner, events, refill);
    if (round === 0) change.onBuffered?.();
    owner = found.owner;
    events = [];
    refill = false;
    if (found.content.events.length === 0) return "unknown";
    const saved = await saveModel(ctx, change, owner, found.content);
    switch (saved.status) {
      case "moved":
        owner = saved.to;
        refill = true;
        break;
      case "below_floor":
        // Erased meanwhile; what is read next is what came after.
        break;
      case "again":
        break;
      case "refill":
        // The buffer starts over, and what was computed from it went with it.
        refill = true;
        if (features !== undefined) features = "all";
        break;
      default: {
        // Also where the model stood already: who saved it may have ended before the features.
        const after = await refreshFeatures(ctx, owner, found.content, features);
        if (after.status === "done") return saved.status;
        if (after.status === "moved") {
          owner = after.to;
          refill = true;
        }
      }
    }
  }
  throw new UnavailableError("user_models", "the model was changed by others all the time");
}

type SavedModel =
  | { status: Exclude<RefreshResult, "unknown"> | "below_floor" | "again" | "refill" }
  | { status: "moved"; to: UserKey };

async function saveModel(
  ctx: Context,
  { projectId, userId, force }: PersonChange,
  owner: UserKey,
  content: BufferContent,
): Promise<SavedModel> {
  const version = versionOf(ctx, projectId, content.revision);
  if (force !== true && (await isStored(ctx, owner, version))) return { status: "noop" };
  const { model, contentVersion } = await buildModel(ctx, projectId, content.events);
  version.contentVersion = contentVersion;
  const work = { name: "save user_model", parent: ctx.traceHeaders };
  const outcome = await traceWork(ctx.tracing, work, () => ctx.models.save(owner, model, version));
  if (outcome.status === "saved") {
    ctx.saved.set(owner, version);
    const update = { project_id: projectId, user_id: userId, revision: version.revision };
    ctx.announcer.modelUpdated(update, ctx.traceHeaders);
    return { status: "saved" };
  }
  if (outcome.status !== "stale") return outcome as SavedModel;
  const why = await explainStale(ctx, projectId, owner, version);
  return { status: why === "superseded" ? "stale_refused" : why };
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
 * Why a save was refused. superseded: the stored model has at least our events and our content.
 * again: it is ahead in one part and behind in another; what is newer must be read. refill: no
 * buffer of this store can have made it, so the store lost something and the buffer starts over
 * above it.
 */
async function explainStale(
  ctx: Context,
  projectId: number,
  owner: UserKey,
  ours: ModelVersion,
): Promise<"superseded" | "again" | "refill"> {
  const stored = await ctx.models.get(owner);
  if (stored.status !== "ok") return "again";
  // Read after the model: a revision that was saved cannot be above it in a store that kept all.
  const buffered = await ctx.buffer.read(owner);
  const isAhead = buffered.status === "ok" && buffered.revision < stored.revision;
  if (!isAhead && supersedes(stored, ours)) return "superseded";
  if (stored.signalsVersion > ours.signalsVersion) {
    throw new UnavailableError("user_models", "a newer release keeps this model: left to it");
  }
  // Content first: a buffer that starts over changes nothing about being behind in it.
  if (stored.contentVersion > ours.contentVersion) {
    await catchUpContent(ctx, projectId, stored.contentVersion);
    return "again";
  }
  if (!isAhead) return "again";
  await ctx.buffer.erase(owner, stored.revision + 1);
  return "refill";
}

async function catchUpContent(ctx: Context, projectId: number, version: number): Promise<void> {
  if (version <= ctx.feed.version(projectId)) return;
  await ctx.feed.catchUp(projectId, version);
  if (ctx.feed.version(projectId) < version) {
    throw new UnavailableError("catalogue", "the content of a newer model is not loaded yet");
  }
}
