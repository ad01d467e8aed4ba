import { subjects, type UserRefreshRequested } from "@signalpath/contracts";
import { CONTENT_SPACE } from "@signalpath/domain";
import { readPayload, UnavailableError, type Delivery, type Outcome } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { letterOf, messageOf, putAside } from "./put-aside.ts";
import { refreshUser } from "./refresh-user.ts";

export const REFRESH_DURABLE = "user-model-updater-refresh";

/** Serves `users.refresh.requested`; several requests for one person in a batch are one refresh. */
export async function takeRefreshRequests(
  ctx: Context,
  batch: readonly Delivery[],
): Promise<Outcome[]> {
  const refreshes = new Map<string, Promise<unknown>>();
  const once = (projectId: number, userId: string, force: boolean): Promise<unknown> => {
    const place = `${projectId}/${force}/${userId}`;
    const under = refreshes.get(place);
    if (under !== undefined) return under;
    const refresh = refreshUser(ctx, projectId, userId, { force });
    refreshes.set(place, refresh);
    return refresh;
  };
  return Promise.all(batch.map((delivery) => take(ctx, delivery, once)));
}

async function take(
  ctx: Context,
  delivery: Delivery,
  refresh: (projectId: number, userId: string, force: boolean) => Promise<unknown>,
): Promise<Outcome> {
  const { maxAttempts } = ctx.options;
  try {
    const read = readPayload(subjects.userRefreshRequested, delivery.body);
    if (read.ok) {
      const { project_id, user_id, reason } = read.payload;
      if (isAhead(ctx, read.payload) && delivery.attempt < maxAttempts) {
        return ctx.outage.retry(delivery.attempt, new Error("its space is not here yet"));
      }
      // What its vectors are compared with has changed, which no version of the model tells.
      await refresh(project_id, user_id, reason === "content");
    } else await putAside(ctx, [letterOf(ctx.sha256, delivery, read.code, read.detail)]);
    return "ack";
  } catch (error) {
    ctx.logger.warn({ err: error, attempt: delivery.attempt }, "a refresh failed");
    if (error instanceof UnavailableError || delivery.attempt < maxAttempts) {
      return ctx.outage.retry(delivery.attempt, error);
    }
    try {
      await putAside(ctx, [letterOf(ctx.sha256, delivery, "HANDLER_FAILED", messageOf(error))]);
      return "ack";
    } catch (unstored) {
      ctx.logger.warn({ err: unstored }, "a dead letter could not be stored");
      return ctx.outage.retry(delivery.attempt, unstored);
    }
  }
}

/**
 * Who asks may have a new space before this process has it: a model built now would be of the old one
 * once more. When it stays away the model is built as it can be: whoever asks may be the one behind.
 */
function isAhead({ feed }: Context, { project_id, space }: UserRefreshRequested): boolean {
  return space !== undefined && space !== (feed.space(project_id)?.id ?? CONTENT_SPACE);
}
