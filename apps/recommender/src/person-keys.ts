import { userKey, type UserKey } from "@signalpath/domain";
import { sha256 } from "@signalpath/service-kit";

/** The two people a `user_id` may mean, in the order they are looked for. */
export function personKeys(projectId: number, userId: string): readonly [UserKey, UserKey] {
  return [
    userKey(sha256, projectId, "user", userId),
    userKey(sha256, projectId, "anonymous", userId),
  ];
}

/** A chain of links is followed this far; the archive links to roots, so one step is the rule. */
export const MAX_MOVES = 8;
