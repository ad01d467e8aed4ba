import { deadLetterId, storableLetter, type Delivery, type NewDeadLetter } from "@signalpath/ports";

import { APP, type Context } from "./context.ts";
import { cut, letterOf, NO_PROJECT } from "./put-aside.ts";

/** A letter that is stored. */
interface StoredLetter {
  letter: NewDeadLetter;
  id: string;
  /** It was stored before: by a process that did not live to take it back. */
  wasThere: boolean;
}

/**
 * Stores the letter of a message that may end the process which so much as reads it. First under no
 * project, unread; where reading it goes well, under its own project instead.
 * @throws UnavailableError
 */
export async function letterWithCare(
  ctx: Context,
  delivery: Pick<Delivery, "body" | "publishedAtMs">,
  detail: string,
): Promise<StoredLetter> {
  const { text: body, truncated } = cut(delivery.body);
  const receivedAt = new Date(delivery.publishedAtMs).toISOString();
  const facts = { app: APP, code: "HANDLER_FAILED", detail, receivedAt, body, truncated } as const;
  const unread = await store(ctx, { ...facts, projectId: NO_PROJECT });
  if (unread.wasThere) return unread;
  const { eventId: _, ...letter } = letterOf(ctx.sha256, delivery, facts.code, detail);
  const read = await store(ctx, letter);
  if (read.id === unread.id) return unread;
  await ctx.deadLetters.remove(NO_PROJECT, [unread.id]);
  return read;
}

async function store(ctx: Context, letter: NewDeadLetter): Promise<StoredLetter> {
  const id = deadLetterId(ctx.sha256, storableLetter(letter));
  const [before] = await ctx.deadLetters.get(letter.projectId, [id]);
  if (before === undefined) await ctx.deadLetters.put([letter]);
  return { letter, id, wasThere: before !== undefined };
}
