import { RefusedError } from "../errors.ts";
import type { DeadLetter } from "./port.ts";

/** Where a page of dead letters ended, as text. */
export function letterCursor({ receivedAt, id }: Pick<DeadLetter, "receivedAt" | "id">): string {
  return `${Date.parse(receivedAt)}.${id}`;
}

/** Throws RefusedError for a text that `letterCursor` did not make. */
export function parseLetterCursor(cursor: string): Pick<DeadLetter, "receivedAt" | "id"> {
  const match = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/.exec(cursor);
  if (match === null) throw new RefusedError("not a cursor of this list");
  return { receivedAt: new Date(Number(match[1])).toISOString(), id: match[2] as string };
}
