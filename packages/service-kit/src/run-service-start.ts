import { setTimeout as sleep } from "node:timers/promises";

import { UnavailableError } from "@signalpath/ports";

import type { Logger } from "./logger.ts";

/** A dependency that is not there yet is waited for this long, milliseconds. */
const WITHIN_MS = 30_000;
const PAUSE_MS = 500;

/**
 * Tries a start until it succeeds. Only a dependency that cannot be reached (UnavailableError) is
 * tried again, each time with a line in the log; any other error is thrown at once.
 * @param options.isAsked true = the process was asked to end: not tried again.
 * @param options.withinMs no further attempt begins after this time (default 30 s).
 * @throws the error of the last attempt.
 */
export async function startWithin(
  attempt: () => Promise<void>,
  options: { logger: Logger; isAsked: () => boolean; withinMs?: number; pauseMs?: number },
): Promise<void> {
  const { logger, isAsked, withinMs = WITHIN_MS, pauseMs = PAUSE_MS } = options;
  const until = performance.now() + withinMs;
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      const leftMs = until - performance.now();
      if (!(error instanceof UnavailableError) || leftMs <= 0 || isAsked()) throw error;
      logger.warn(
        {
          dependency: error.dependency,
          detail: error.message,
          attempts,
          seconds_left: Math.ceil(leftMs / 1_000),
        },
        "a dependency is not there yet, the start is tried again",
      );
      await sleep(pauseMs);
      if (isAsked()) throw error;
    }
  }
}
