import { deadLettersOf, type DeadLetterMessage } from "@signalpath/contracts";
import type { Sha256 } from "@signalpath/domain";
import { readPayload, type Delivery, type NewDeadLetter } from "@signalpath/ports";

import { APP, type Context } from "./context.ts";
import { cut, letterOf, NO_PROJECT, readFields, subjectsOf } from "./put-aside.ts";

export const DEAD_LETTERS_DURABLE = "user-model-updater-dead-letters";

/** Stores what apps without a database put aside. @throws UnavailableError: the batch comes again. */
export async function takeDeadLetters(ctx: Context, batch: readonly Delivery[]): Promise<void> {
  const subject = deadLettersOf(APP);
  const letters = batch.map((delivery) => {
    const read = readPayload(subject, delivery.body);
    if (read.ok) return rowOf(ctx.sha256, read.payload);
    return letterOf(ctx.sha256, delivery, read.code, `a dead letter that is none: ${read.detail}`);
  });
  await ctx.deadLetters.put(letters);
  for (const { code } of letters) ctx.meters.deadLetters.inc({ reason: code });
}

function rowOf(sha256: Sha256, message: DeadLetterMessage): NewDeadLetter {
  const projectId = message.project_id ?? NO_PROJECT;
  const { text, truncated } = cut(message.body);
  return {
    projectId,
    app: message.app,
    code: message.code,
    detail: message.detail,
    receivedAt: message.received_at,
    body: text,
    truncated: truncated || message.truncated,
    ...(message.event_id === undefined ? {} : { eventId: message.event_id }),
    ...subjectsOf(sha256, { ...readFields(message.body), project_id: projectId }),
  };
}
