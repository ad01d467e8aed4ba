import { userKey, type NameSpace } from "@signalpath/domain";
import type { IdentityLink, Owner } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { reconcilePerson } from "./reconcile-person.ts";
import { refreshPerson, type RefreshResult } from "./refresh-person.ts";

/** An id as a reader names a person: a user first, then an anonymous id. */
const SPACES: readonly NameSpace[] = ["user", "anonymous"];

/**
 * Brings the model of one id, and its features that are due, up to date: from its buffer, or from the archive when there is none.
 * A redirect that the store lost is written again, so that the id finds the model.
 *
 * @param options.rebuild start from the archive whatever the store holds.
 * @param options.force build and save even where the store has this version.
 * @throws UnavailableError.
 */
export async function refreshUser(
  ctx: Context,
  projectId: number,
  userId: string,
  options: { rebuild?: boolean; force?: boolean } = {},
): Promise<RefreshResult> {
  for (const space of SPACES) {
    const from = userKey(ctx.sha256, projectId, space, userId);
    const owner = await ctx.archive.resolve(projectId, from);
    const link: IdentityLink | undefined =
      owner === from ? undefined : { projectId, from, to: owner };
    if (link !== undefined) await ctx.moves.move(link);
    const features = { features: link === undefined ? ("due" as const) : ("all" as const) };
    const person: Owner = { projectId, owner, userId };
    const result =
      options.rebuild === true
        ? await reconcilePerson(ctx, person, { force: true })
        : await refreshPerson(ctx, {
            ...person,
            events: [],
            force: options.force === true,
            refill: link !== undefined,
            ...features,
          });
    if (result !== "unknown") return result;
  }
  return "unknown";
}
