import type { z } from "zod";

import type { deadLetter, deadLettersPage, deadLettersQuery } from "@signalpath/contracts";
import { findFlaw } from "@signalpath/domain";
import type { DeadLetter } from "@signalpath/ports";

import type { Work } from "./deps.ts";
import { redactedEvent } from "./redact-letter.ts";

type Page = z.output<typeof deadLettersPage>;
type Query = z.output<typeof deadLettersQuery>;

/**
 * Refused events of a project, newest first; their personal data is covered unless `whole` is asked
 * for, which is for the caller to allow. @throws RefusedError for a cursor it did not give.
 */
export async function listDeadLetters(
  work: Pick<Work, "deadLetters">,
  projectId: number,
  query: Query,
): Promise<Page> {
  const { app, code, limit, cursor, id, whole } = query;
  if (id !== undefined) {
    const found = await work.deadLetters.get(projectId, [id]);
    return { dead_letters: found.map((letter) => onTheWire(letter, whole)), next: null };
  }
  const { letters, next } = await work.deadLetters.list(projectId, {
    limit,
    ...(app === undefined ? {} : { app }),
    ...(code === undefined ? {} : { code }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { dead_letters: letters.map((letter) => onTheWire(letter, whole)), next: next ?? null };
}

function onTheWire(letter: DeadLetter, whole: boolean): z.output<typeof deadLetter> {
  const event = readable(letter);
  return {
    id: letter.id,
    app: letter.app,
    code: letter.code,
    detail: letter.detail,
    received_at: letter.receivedAt,
    event: whole ? event : redactedEvent(letter.projectId, event),
    truncated: letter.truncated,
    replays: letter.replays,
  };
}

/** The original as JSON; as text when it is cut, no JSON, or too deep to be written again. */
function readable({ body, truncated }: DeadLetter): unknown {
  if (truncated) return body;
  try {
    const value: unknown = JSON.parse(body);
    return findFlaw(value) === undefined ? value : body;
  } catch {
    return body; // Not JSON, which is why it is here.
  }
}
