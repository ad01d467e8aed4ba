import { onTestFinished } from "vitest";

import type { UserKey } from "@signalpath/domain";

import type { BufferContent, EventBuffer } from "./port.ts";
import type { MakeUserState, UserStateUnderTest } from "./under-test.ts";

/** A store for one test, closed when that test is over. */
export async function open(make: MakeUserState): Promise<UserStateUnderTest> {
  const state = await make();
  onTestFinished(() => state.close?.());
  return state;
}

/** Reads a key, following redirects to where the events are. */
export async function readThrough(buffer: EventBuffer, key: UserKey): Promise<BufferContent> {
  for (let at = key; ;) {
    const answer = await buffer.read(at);
    if (answer.status === "ok") return answer;
    at = answer.to;
  }
}

export const idsOf = (content: BufferContent): string[] =>
  content.events.map((event) => event.event_id);
