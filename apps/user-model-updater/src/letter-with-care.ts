import { deadLetterId, storableLetter, type Delivery, type NewDeadLetter } from "@signalpath/ports";

import type { Context } from "./context.ts";
import { letterOf } from "./put-aside.ts";

/** A letter that is stored. */
interface StoredLetter {
  letter: NewDeadLetter;
  id: string;
  /** It was stored before: by a process that did not live to take it back. */
  wasThere: boolean;
}

/**
 * Stores the letter of a message that may end the process which so much as parses it, under its
 * project and person: an erasure finds it.
 * @throws UnavailableError
 */
export async function letterWithCare(
  ctx: Context,
  delivery: Pick<Delivery, "body" | "publishedAtMs">,
  detail: string,
): Promise<StoredLetter> {
  // Named by its body: the letter that a failed try leaves under the event id is another one, and
  // stays when this one is taken back.
  const { eventId: _, ...letter } = letterOf(ctx.sha256, delivery, "HANDLER_FAILED", detail);
  const id = deadLetterId(ctx.sha256, storableLetter(letter));
  const [before] = await ctx.deadLetters.get(letter.projectId, [id]);
  if (before === undefined) await ctx.deadLetters.put([letter]);
  return { letter, id, wasThere: before !== undefined };
}
