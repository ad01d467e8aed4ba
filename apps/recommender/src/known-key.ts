import type { UserKey } from "@signalpath/domain";
import type { Archive } from "@signalpath/ports";

import { personKeys } from "./person-keys.ts";

/** Tells who is known although a store of user state has nothing. */
export type KnownKey = (projectId: number, userId: string) => Promise<UserKey | undefined>;

/** @param archive absent = nobody is known. */
export function createKnownKey(
  archive: Pick<Archive, "resolve" | "eventsOf"> | undefined,
): KnownKey {
  return async (projectId, userId) => {
    if (archive === undefined) return undefined;
    for (const key of personKeys(projectId, userId)) {
      const owner = await archive.resolve(projectId, key);
      if ((await archive.eventsOf(projectId, owner, { limit: 1 })).length > 0) return key;
    }
    return undefined;
  };
}
