import { userKey, type NameSpace } from "@signalpath/domain";
import { UnavailableError, type Owner } from "@signalpath/ports";

import { bufferOf } from "./buffer-of.ts";
import type { Context } from "./context.ts";
import { refreshFeatures } from "./refresh-features.ts";

const SPACES: readonly NameSpace[] = ["user", "anonymous"];
/** Erased or linked meanwhile: read again this often. */
const MAX_ROUNDS = 8;

export type BackfillResult = "saved" | "unknown";

/**
 * Computes every profile feature of one person from the archive: the buffer is filled from it
 * first, with its cap and window, so that the values are those the stream of events gives.
 * @throws UnavailableError.
 */
export async function backfillFeatures(
  ctx: Context,
  { projectId, owner }: Pick<Owner, "projectId" | "owner">,
): Promise<BackfillResult> {
  let at = owner;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = await bufferOf(ctx, projectId, at, [], true);
    at = found.owner;
    if (found.content.events.length === 0) return "unknown";
    const after = await refreshFeatures(ctx, at, found.content, "all");
    if (after.status === "done") return "saved";
    if (after.status === "moved") at = after.to;
  }
  throw new UnavailableError("feature_store", "the person was changed by others all the time");
}

/** The same for whom an id names: a user, else an anonymous visitor. @throws UnavailableError. */
export async function backfillUser(
  ctx: Context,
  projectId: number,
  userId: string,
): Promise<BackfillResult> {
  for (const space of SPACES) {
    const key = userKey(ctx.sha256, projectId, space, userId);
    const owner = await ctx.archive.resolve(projectId, key);
    if ((await backfillFeatures(ctx, { projectId, owner })) === "saved") return "saved";
  }
  return "unknown";
}
