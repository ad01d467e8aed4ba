import { UnavailableError, type Outcome } from "@signalpath/ports";

import type { UpdaterOptions } from "./context.ts";

/** Holds work back while a store is down: it goes on when the store is back, not a pause later. */
export interface Outage {
  /**
   * When a delivery that failed comes again. Our own trouble (UnavailableError) is tried again soon
   * and for ever, the next work waits until the stores answer; anything else is the message's.
   */
  retry(attempt: number, error: unknown): Outcome;
  /**
   * Resolves when no store is known to be down. false = the work is to be given back: this app
   * closes, or it was held long enough, since perhaps only this process cannot reach the store.
   */
  over(): Promise<boolean>;
  /** Lets everything that waits go. */
  close(): void;
}

/** @param checks one a store; each throws while it does not answer. */
export function createOutage(
  checks: readonly (() => Promise<void>)[],
  options: Pick<UpdaterOptions, "pausesMs" | "downPausesMs" | "probeMs" | "holdMs" | "sleep">,
): Outage {
  let isDown = false;
  let isClosed = false;
  let wake = (): void => undefined;
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
      // One promise a look: a race against one that stays would gather listeners on it for days.
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        options.sleep(options.probeMs).then(resolve, reject);
      });
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
      probing ??= probe().finally(() => (probing = undefined));
      return withinMs(options.holdMs, probing);
    },
    close() {
      isClosed = true;
      wake();
    },
  };
}

/** False where the answer takes longer. */
async function withinMs(ms: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)));
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
