import { deadLettersOf, type DeadLetterMessage } from "@signalpath/contracts";
import { RefusedError, readPayload, type Delivery, type NewDeadLetter } from "@signalpath/ports";

import { APP, type Context } from "./context.ts";
import { fieldsOfText, isProjectId } from "./fields-of-text.ts";
import { cut, letterOf, messageOf, NO_PROJECT, subjectsOf } from "./put-aside.ts";

export const DEAD_LETTERS_DURABLE = "user-model-updater-dead-letters";

/** Times outside of these are no time of arrival, milliseconds: before 2001, or of a year that ISO 8601 writes otherwise. */
const FIRST_MS = Date.UTC(2001, 0, 1);
const LAST_MS = Date.UTC(9999, 11, 31);

/**
 * Stores what apps without a database put aside. One that the store refuses becomes a letter about
 * itself, so that it stops nobody behind it. @throws UnavailableError: the batch comes again.
 */
export async function takeDeadLetters(ctx: Context, batch: readonly Delivery[]): Promise<void> {
  const letters = batch.map((delivery) => letterFor(ctx, delivery));
  try {
    await ctx.deadLetters.put(letters);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    for (const [index, letter] of letters.entries()) {
      await putOne(ctx, batch[index] as Delivery, letter);
    }
  }
  for (const { code } of letters) ctx.meters.deadLetters.inc({ reason: code });
}

function letterFor(ctx: Context, delivery: Delivery): NewDeadLetter {
  const read = readPayload(deadLettersOf(APP), delivery.body);
  if (read.ok) return rowOf(ctx, read.payload, delivery);
  return letterOf(ctx.sha256, delivery, read.code, `a dead letter that is none: ${read.detail}`);
}

async function putOne(ctx: Context, delivery: Delivery, letter: NewDeadLetter): Promise<void> {
  try {
    await ctx.deadLetters.put([letter]);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const detail = `a dead letter that cannot be stored: ${messageOf(error)}`;
    await ctx.deadLetters.put([letterOf(ctx.sha256, delivery, "STORE_REFUSED", detail)]);
  }
}

function rowOf(ctx: Context, message: DeadLetterMessage, delivery: Delivery): NewDeadLetter {
  const projectId = isProjectId(message.project_id ?? 0)
    ? (message.project_id as number)
    : NO_PROJECT;
  const { text, truncated } = cut(message.body);
  const receivedMs = Date.parse(message.received_at);
  const isTime = receivedMs >= FIRST_MS && receivedMs <= LAST_MS;
  return {
    projectId,
    app: message.app,
    code: message.code,
    detail: message.detail,
    receivedAt: new Date(isTime ? receivedMs : delivery.publishedAtMs).toISOString(),
    body: text,
    truncated: truncated || message.truncated,
    ...(message.event_id === undefined ? {} : { eventId: message.event_id }),
    ...subjectsOf(ctx.sha256, { ...fieldsOfText(message.body), project_id: projectId }),
  };
}
