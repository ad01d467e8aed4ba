import { BUFFER_CAP, type SignalEvent, type UserKey } from "@signalpath/domain";
import { UnavailableError, type BufferContent } from "@signalpath/ports";

import type { Context } from "./context.ts";

type Needs = Pick<Context, "archive" | "buffer">;

/** Redirects followed; more is a circle or a store that never settles. */
const MAX_HOPS = 32;

/** A complete buffer and whose it is after all redirects. */
export interface FoundBuffer {
  owner: UserKey;
  content: BufferContent;
}

/**
 * Adds events to a person's buffer and answers the whole set, complete: a buffer that is new, was
 * lost or took over another one is filled from the archive first. Unfinished moves met on the way
 * are finished. An unknown person leaves nothing behind.
 *
 * @param refill fill it even where it says that it is complete.
 * @throws UnavailableError.
 */
export async function bufferOf(
  ctx: Needs,
  projectId: number,
  start: UserKey,
  events: readonly SignalEvent[],
  refill: boolean,
): Promise<FoundBuffer> {
  let owner = start;
  let incomplete = refill;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const answer =
      events.length === 0 ? await ctx.buffer.read(owner) : await ctx.buffer.append(owner, events);
    if (answer.status === "moved") {
      if (answer.pending) await ctx.buffer.move(owner, answer.to);
      owner = answer.to;
      incomplete = true;
      continue;
    }
    if (answer.filled && !incomplete) return { owner, content: answer };
    const root = await ctx.archive.resolve(projectId, owner);
    if (root !== owner) {
      // The store lost the redirect.
      await ctx.buffer.move(owner, root);
      owner = root;
      incomplete = true;
      continue;
    }
    const stored = await ctx.archive.eventsOf(projectId, owner, { limit: BUFFER_CAP });
    if (stored.length === 0 && answer.events.length === 0) return { owner, content: answer };
    const { life } = answer;
    const filled = await ctx.buffer.append(owner, stored, { fill: true, life });
    if (filled.status === "ok") {
      // Any other buffer may miss what the archive took in since it was read.
      if (filled.otherLife !== true) return { owner, content: filled };
      continue;
    }
    if (filled.pending) await ctx.buffer.move(owner, filled.to);
    owner = filled.to;
    incomplete = true;
  }
  throw new UnavailableError("event_buffer", "redirects did not settle");
}
