import { subjects } from "@signalpath/contracts";
import { userKey, type UserKey } from "@signalpath/domain";
import { readPayload, type Delivery } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { reconcilePerson } from "./reconcile-person.ts";

/**
 * An erasure was committed while batches were under way: one that had read an event before may
 * have buffered it after. When all that runs now has ended, the person is compared with the
 * archive once more.
 */
export async function forgetErased(ctx: Context, message: Delivery): Promise<void> {
  const read = readPayload(subjects.userErased, message.body);
  if (!read.ok) {
    ctx.logger.warn({ detail: read.detail }, "users.erased is not valid, ignored");
    return;
  }
  const { project_id: projectId, user_id: userId, keys = [] } = read.payload;
  await ctx.progress.settled();
  const named = (["user", "anonymous"] as const).map((space) =>
    userKey(ctx.sha256, projectId, space, userId),
  );
  // The first key is the person's root: known even when the id of this message is not linked here.
  const roots = [...named, ...keys.slice(0, 1)].map((key) =>
    ctx.archive.resolve(projectId, key as UserKey),
  );
  for (const owner of new Set(await Promise.all(roots))) {
    await ctx.progress.track(ctx.now(), () => reconcilePerson(ctx, { projectId, owner, userId }));
  }
}
