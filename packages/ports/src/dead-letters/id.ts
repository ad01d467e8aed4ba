import type { Sha256 } from "@signalpath/domain";

import type { NewDeadLetter } from "./port.ts";

/**
 * Id of a dead letter, 43 base64url characters: the same refused event is one row however often it
 * comes. Length-prefixed parts, so that no two letters share a text.
 */
export function deadLetterId(
  sha256: Sha256,
  letter: Pick<NewDeadLetter, "projectId" | "app" | "code" | "eventId" | "body">,
): string {
  const { projectId, app, code, eventId } = letter;
  const what = eventId === undefined ? `body/${letter.body}` : `event/${eventId}`;
  return sha256(`${projectId}/${app.length}/${app}/${code.length}/${code}/${what}`);
}

/**
 * A letter as every keeper stores it: what a text column cannot hold (NUL, half a surrogate pair)
 * becomes U+FFFD, because the event may have been refused for exactly that.
 */
export function storableLetter(letter: NewDeadLetter): NewDeadLetter {
  const stored: NewDeadLetter = {
    ...letter,
    app: storableText(letter.app),
    code: storableText(letter.code),
    detail: storableText(letter.detail),
    body: storableText(letter.body),
  };
  if (letter.eventId !== undefined) stored.eventId = storableText(letter.eventId);
  return stored;
}

function storableText(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
}
