import { subjects } from "@signalpath/contracts";
import { userKey } from "@signalpath/domain";
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
  const { project_id: projectId, user_id: userId } = read.payload;
  await ctx.progress.settled();
  for (const space of ["user", "anonymous"] as const) {
    const key = userKey(ctx.sha256, projectId, space, userId);
    const owner = await ctx.archive.resolve(projectId, key);
    await ctx.progress.track(ctx.now(), () => reconcilePerson(ctx, { projectId, owner, userId }));
  }
}
