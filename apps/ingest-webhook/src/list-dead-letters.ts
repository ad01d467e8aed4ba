import type { z } from "zod";

import type { deadLetter, deadLettersPage, deadLettersQuery } from "@signalpath/contracts";
import { findFlaw } from "@signalpath/domain";
import type { DeadLetter } from "@signalpath/ports";

import type { Work } from "./deps.ts";

type Page = z.output<typeof deadLettersPage>;
type Query = z.output<typeof deadLettersQuery>;

/** Refused events of a project, newest first. @throws RefusedError for a cursor it did not give. */
export async function listDeadLetters(
  work: Pick<Work, "deadLetters">,
  projectId: number,
  query: Query,
): Promise<Page> {
  const { app, code, limit, cursor } = query;
  const { letters, next } = await work.deadLetters.list(projectId, {
    limit,
    ...(app === undefined ? {} : { app }),
    ...(code === undefined ? {} : { code }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { dead_letters: letters.map(onTheWire), next: next ?? null };
}

function onTheWire(letter: DeadLetter): z.output<typeof deadLetter> {
  return {
    id: letter.id,
    app: letter.app,
    code: letter.code,
    detail: letter.detail,
    received_at: letter.receivedAt,
    event: readable(letter),
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
