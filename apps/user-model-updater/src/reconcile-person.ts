import { BUFFER_CAP, type SignalEvent, type UserKey } from "@signalpath/domain";
import type { IdentityLink, Owner, TouchedOwner } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { refreshPerson, type RefreshResult } from "./refresh-person.ts";

/**
 * Makes buffer, model and features of one person what the archive says, whatever the store held: events an
 * erasure removed go, redirects that were lost are written again, missing events come back.
 *
 * @param person `keys`: the owner and all that is linked to it, where the caller has read them.
 * @throws UnavailableError.
 */
export async function reconcilePerson(
  ctx: Context,
  person: Owner & Partial<TouchedOwner>,
  options: { force?: boolean } = {},
): Promise<RefreshResult> {
  const { projectId, owner, userId } = person;
  const stored = await ctx.archive.eventsOf(projectId, owner, { limit: BUFFER_CAP });
  const links = await linksBehind(ctx, person);
  for (const link of links) {
    await dropLeftovers(ctx, projectId, link.from, stored);
    await ctx.moves.move(link);
  }
  // Last: a move that was open before brings whatever it had taken.
  await dropLeftovers(ctx, projectId, owner, stored);
  // The archive is read once more: what it stored meanwhile may have been appended before the drop.
  const result = await refreshPerson(ctx, {
    projectId,
    owner,
    userId,
    events: [],
    refill: true,
    features: "all",
    ...options,
  });
  for (const link of links) ctx.moves.finish(link);
  return result;
}

/**
 * A buffer with an event that the archive does not have was restored from before an erasure, or a
 * batch under way put it back. It starts over; the floor keeps models built from it out.
 *
 * @param key the owner, or what is linked to it.
 * @param stored newest events of the owner.
 */
async function dropLeftovers(
  ctx: Context,
  projectId: number,
  key: UserKey,
  stored: readonly SignalEvent[],
): Promise<void> {
  const read = new Set(stored.map((event) => event.event_id));
  const buffered = await ctx.buffer.read(key);
  if (buffered.status === "moved") return;
  const doubtful = buffered.events.map((event) => event.event_id).filter((id) => !read.has(id));
  const known = doubtful.length === 0 ? read : await ctx.archive.known(projectId, doubtful);
  const model = stored.length === 0 ? await ctx.models.get(key) : undefined;
  const features = stored.length === 0 ? await ctx.features?.get(key) : undefined;
  const areFeaturesLeft = features?.status === "ok" && features.features.size > 0;
  const isModelLeft = model?.status === "ok" && doubtful.length === 0;
  if (!isModelLeft && !areFeaturesLeft && doubtful.every((id) => known.has(id))) return;
  const revision = model?.status === "ok" ? model.revision : 0;
  const floor = Math.max(buffered.revision + 1, revision + 1, ctx.now());
  await ctx.buffer.erase(key, floor);
  await ctx.models.erase(key, floor);
  ctx.saved.forget(key);
}

/** Every other id of the person, as links the archive decided. */
async function linksBehind(
  ctx: Context,
  { projectId, owner, keys }: Owner & Partial<TouchedOwner>,
): Promise<IdentityLink[]> {
  const all = keys ?? (await ctx.reader.keysOf(projectId, owner));
  return all.filter((from) => from !== owner).map((from) => ({ projectId, from, to: owner }));
}
