import { BUFFER_CAP, type SignalEvent } from "@signalpath/domain";
import type { IdentityLink, Owner } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { keysNamedBy } from "./people-of.ts";
import { refreshPerson, type RefreshResult } from "./refresh-person.ts";

/**
 * Makes buffer and model of one person what the archive says, whatever the store held: events an
 * erasure removed go, redirects that were lost are written again, missing events come back.
 *
 * @throws UnavailableError.
 */
export async function reconcilePerson(
  ctx: Context,
  { projectId, owner, userId }: Owner,
  options: { force?: boolean } = {},
): Promise<RefreshResult> {
  const stored = await ctx.archive.eventsOf(projectId, owner, { limit: BUFFER_CAP });
  await dropLeftovers(ctx, projectId, owner, stored);
  const links = await linksBehind(ctx, projectId, owner, stored);
  for (const link of links) await ctx.moves.move(link);
  // The archive is read once more: what it stored meanwhile may have been appended before the drop.
  const result = await refreshPerson(ctx, {
    projectId,
    owner,
    userId,
    events: [],
    refill: true,
    ...options,
  });
  for (const link of links) ctx.moves.finish(link);
  return result;
}

/**
 * A buffer with an event that the archive does not have was restored from before an erasure, or a
 * batch under way put it back. It starts over; the floor keeps models built from it out.
 */
async function dropLeftovers(
  ctx: Context,
  projectId: number,
  owner: Owner["owner"],
  stored: readonly SignalEvent[],
): Promise<void> {
  const read = new Set(stored.map((event) => event.event_id));
  const buffered = await ctx.buffer.read(owner);
  if (buffered.status === "moved") return;
  const doubtful = buffered.events.map((event) => event.event_id).filter((id) => !read.has(id));
  const known = doubtful.length === 0 ? read : await ctx.archive.known(projectId, doubtful);
  const model = stored.length === 0 ? await ctx.models.get(owner) : undefined;
  const isModelLeft = model?.status === "ok" && doubtful.length === 0;
  if (!isModelLeft && doubtful.every((id) => known.has(id))) return;
  const revision = model?.status === "ok" ? model.revision : 0;
  const floor = Math.max(buffered.revision + 1, revision + 1, ctx.now());
  await ctx.buffer.erase(owner, floor);
  await ctx.models.erase(owner, floor);
  ctx.saved.forget(owner);
}

/** Links of every other id the person's events name, as the archive decided them. */
async function linksBehind(
  ctx: Context,
  projectId: number,
  owner: Owner["owner"],
  stored: readonly SignalEvent[],
): Promise<IdentityLink[]> {
  const others = new Set<Owner["owner"]>();
  for (const event of stored) {
    for (const key of keysNamedBy(ctx.sha256, event)) if (key !== owner) others.add(key);
  }
  const links: IdentityLink[] = [];
  for (const from of others) {
    const to = await ctx.archive.resolve(projectId, from);
    // An id that became somebody else's is that person's to move.
    if (to === owner) links.push({ projectId, from, to });
  }
  return links;
}
