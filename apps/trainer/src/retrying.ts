import { setTimeout as sleep } from "node:timers/promises";

import { UnavailableError } from "@signalpath/ports";

/**
 * Asks again, after each of the pauses, while a store is away.
 * @throws UnavailableError of the last try; the reason of the signal; anything else at once.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  { pausesMs, signal }: { pausesMs: readonly number[]; signal: AbortSignal },
): Promise<T> {
  for (const pauseMs of pausesMs) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  return work();
}
