import type { SignalEvent } from "@signalpath/domain";

import { RefusedError } from "../errors.ts";

/** When an event occurred, milliseconds. Throws RefusedError for a time that is none. */
export function eventMs(event: SignalEvent): number {
  const ms = Date.parse(event.occurred_at);
  if (Number.isNaN(ms)) throw new RefusedError(`not a time: ${JSON.stringify(event.occurred_at)}`);
  return ms;
}
