import type { SignalEvent, UserKey } from "@signalpath/domain";
import type { EventSource } from "@signalpath/ports";

import { MAX_MOVES } from "./person-keys.ts";

/** Buffered events of a person, oldest first, redirects followed; empty when there are none. */
export async function readEvents(
  source: Pick<EventSource, "read">,
  key: UserKey,
): Promise<SignalEvent[]> {
  let owner = key;
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    const answer = await source.read(owner);
    if (answer.status === "ok") return answer.events;
    owner = answer.to;
  }
  return [];
}
