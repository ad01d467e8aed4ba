import { MAX_DEAD_LETTER_BYTES, type ProcessingCode } from "@signalpath/contracts";
import { userKey, type Sha256 } from "@signalpath/domain";
import type { Delivery, NewDeadLetter } from "@signalpath/ports";

import { APP, type Context } from "./context.ts";
import { fieldsOfText, type Fields } from "./fields-of-text.ts";

/** Longest cause kept, characters. */
const MAX_DETAIL = 1_000;
/** Where a message is filed whose project cannot be read. */
export const NO_PROJECT = 0;

/**
 * A message that cannot be processed, as a dead letter. Project, ids and event id are those of the
 * body as far as it shows them; it is not parsed, which may be what ends a process.
 */
export function letterOf(
  sha256: Sha256,
  delivery: Pick<Delivery, "body" | "publishedAtMs">,
  code: ProcessingCode,
  detail: string,
): NewDeadLetter {
  const fields = fieldsOfText(delivery.body);
  const { text, truncated } = cut(delivery.body);
  return {
    projectId: fields.project_id ?? NO_PROJECT,
    app: APP,
    code,
    detail: detail.slice(0, MAX_DETAIL),
    receivedAt: new Date(delivery.publishedAtMs).toISOString(),
    body: text,
    truncated,
    ...(fields.event_id === undefined ? {} : { eventId: fields.event_id }),
    ...subjectsOf(sha256, fields),
  };
}

/** Stores letters. @throws UnavailableError: their messages must come again. */
export async function putAside(ctx: Context, letters: readonly NewDeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  await ctx.deadLetters.put(letters);
  for (const { code, detail, projectId } of letters) {
    ctx.meters.deadLetters.inc({ reason: code });
    ctx.logger.warn({ code, detail, project_id: projectId }, "put aside");
  }
}

/** Keys by which an erasure finds the letter. */
export function subjectsOf(
  sha256: Sha256,
  { project_id = NO_PROJECT, user_id, anonymous_id }: Fields,
): Pick<NewDeadLetter, "userKey" | "anonymousKey"> {
  return {
    ...(user_id === undefined ? {} : { userKey: userKey(sha256, project_id, "user", user_id) }),
    ...(anonymous_id === undefined
      ? {}
      : { anonymousKey: userKey(sha256, project_id, "anonymous", anonymous_id) }),
  };
}

export function cut(body: string): { text: string; truncated: boolean } {
  const bytes = Buffer.from(body, "utf8");
  if (bytes.length <= MAX_DEAD_LETTER_BYTES) return { text: body, truncated: false };
  return { text: bytes.subarray(0, MAX_DEAD_LETTER_BYTES).toString("utf8"), truncated: true };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
