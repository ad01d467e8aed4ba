import type { UserKey } from "@signalpath/domain";

import { RefusedError } from "../errors.ts";
import type { Owner } from "./reader.ts";

/** Where a page of owners ended, as text. */
export function ownerCursor({ projectId, owner }: Pick<Owner, "projectId" | "owner">): string {
  return `${projectId}:${owner}`;
}

/** Throws RefusedError for a text that `ownerCursor` did not make. */
export function parseOwnerCursor(cursor: string): Pick<Owner, "projectId" | "owner"> {
  const match = /^(\d{1,10}):([A-Za-z0-9_-]{22})$/.exec(cursor);
  if (match === null) throw new RefusedError("not a cursor of this list");
  return { projectId: Number(match[1]), owner: match[2] as UserKey };
}
