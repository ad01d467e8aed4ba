import type { rebuildResponse } from "@signalpath/contracts";
import type { z } from "zod";

import { backfillFeatures, backfillUser } from "./backfill-features.ts";
import type { Context } from "./context.ts";
import { eachLimit } from "./each-limit.ts";
import { reconcilePerson } from "./reconcile-person.ts";
import { refreshUser } from "./refresh-user.ts";

const PAGE = 500;
const PEOPLE_AT_ONCE = 4;

export type RebuildResult = z.output<typeof rebuildResponse>;

/** What is derived again; models, buffers and features unless it says `features`. */
export interface RebuildOptions {
  /** Only profile features: models stay as they are. */
  features?: boolean | undefined;
}

/** Derives what is kept of the named people from the archive. @throws UnavailableError. */
export async function rebuildUsers(
  ctx: Context,
  projectId: number,
  userIds: readonly string[],
  { features = false }: RebuildOptions = {},
): Promise<RebuildResult> {
  const unknown: string[] = [];
  let rebuilt = 0;
  await eachOrThrow([...new Set(userIds)], async (userId) => {
    const result = features
      ? await backfillUser(ctx, projectId, userId)
      : await refreshUser(ctx, projectId, userId, { rebuild: true });
    if (result === "unknown") unknown.push(userId);
    else rebuilt += 1;
  });
  return { rebuilt, unknown };
}

/** Derives what is kept of everybody from the archive, page by page. @throws UnavailableError. */
export async function rebuildAll(
  ctx: Context,
  projectId: number | undefined,
  { features = false }: RebuildOptions = {},
): Promise<RebuildResult> {
  let rebuilt = 0;
  let cursor: string | undefined;
  do {
    const page = await ctx.reader.owners({
      limit: PAGE,
      ...(projectId === undefined ? {} : { projectId }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    await eachOrThrow(page.owners, async (owner) => {
      const result = features
        ? await backfillFeatures(ctx, owner)
        : await reconcilePerson(ctx, owner, { force: true });
      if (result !== "unknown") rebuilt += 1;
    });
    cursor = page.next;
  } while (cursor !== undefined);
  return { rebuilt, unknown: [] };
}

async function eachOrThrow<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  let failure: { error: unknown } | undefined;
  await eachLimit(items, PEOPLE_AT_ONCE, async (item) => {
    if (failure !== undefined) return;
    try {
      await work(item);
    } catch (error) {
      failure = { error };
    }
  });
  if (failure !== undefined) throw failure.error;
}
