import { BUFFER_WINDOW_MS } from "@signalpath/domain";
import { UnavailableError } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { eachLimit } from "./each-limit.ts";
import { reconcilePerson } from "./reconcile-person.ts";

/** Before `applied_at`: clocks differ, and what was archived is applied a little later. */
const MARGIN_MS = 60_000;
const PEOPLE_AT_ONCE = 4;

/**
 * Applies again whatever was archived, linked or erased since the store is known to have held
 * everything: it may have come back empty, old or in parts.
 *
 * @returns people applied.
 * @throws UnavailableError: it must run again before `applied_at` may move.
 */
export async function catchUp(ctx: Context): Promise<number> {
  ctx.moves.forgetAll();
  ctx.saved.forgetAll();
  const startedAt = ctx.now();
  const appliedAt = await ctx.buffer.appliedAt();
  const since = appliedAt === undefined ? startedAt - BUFFER_WINDOW_MS : appliedAt - MARGIN_MS;
  const owners = await ctx.reader.touchedSince(since);
  let unavailable: UnavailableError | undefined;
  await eachLimit(owners, PEOPLE_AT_ONCE, async (owner) => {
    if (unavailable !== undefined) return;
    try {
      await reconcilePerson(ctx, owner, { force: true });
      ctx.meters.caughtUp.inc();
    } catch (error) {
      if (error instanceof UnavailableError) unavailable = error;
      // One person who cannot be built must not keep all others behind.
      else ctx.logger.error({ err: error, user_key: owner.owner }, "a person was not caught up");
    }
  });
  if (unavailable !== undefined) throw unavailable;
  ctx.logger.info(
    {
      people: owners.length,
      since: new Date(since).toISOString(),
      duration_ms: ctx.now() - startedAt,
    },
    "caught up",
  );
  return owners.length;
}
