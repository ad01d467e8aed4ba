import { UnavailableError, type Outcome } from "@signalpath/ports";

import type { UpdaterOptions } from "./context.ts";

/** Holds work back while a store is down: it goes on when the store is back, not a pause later. */
export interface Outage {
  /**
   * When a delivery that failed comes again. Our own trouble (UnavailableError) is tried again soon
   * and for ever, the next work waits until the stores answer; anything else is the message's.
   */
  retry(attempt: number, error: unknown): Outcome;
  /** Resolves when no store is known to be down; false = this app closes. */
  over(): Promise<boolean>;
  /** Lets everything that waits go. */
  close(): void;
}

/** @param checks one a store; each throws while it does not answer. */
export function createOutage(
  checks: readonly (() => Promise<void>)[],
  options: Pick<UpdaterOptions, "pausesMs" | "downPausesMs" | "probeMs" | "sleep">,
): Outage {
  let isDown = false;
  let isClosed = false;
  let wake = (): void => undefined;
  const closed = new Promise<void>((resolve) => void (wake = resolve));
  let probing: Promise<boolean> | undefined;

  async function probe(): Promise<boolean> {
    for (;;) {
      if (isClosed) return false;
      try {
        await Promise.all(checks.map((check) => check()));
        isDown = false;
        return true;
      } catch {
        // Readiness says so; here it only means to go on waiting.
      }
      await Promise.race([options.sleep(options.probeMs), closed]);
    }
  }

  return {
    retry(attempt, error) {
      const isOurs = error instanceof UnavailableError;
      if (isOurs) isDown = true;
      const pauses = isOurs ? options.downPausesMs : options.pausesMs;
      return { retryInMs: pauses[Math.min(attempt, pauses.length) - 1] ?? 1_000 };
    },
    over() {
      if (isClosed) return Promise.resolve(false);
      if (!isDown) return Promise.resolve(true);
      return (probing ??= probe().finally(() => (probing = undefined)));
    },
    close() {
      isClosed = true;
      wake();
    },
  };
}
