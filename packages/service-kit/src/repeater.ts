import type { Logger } from "./logger.ts";

/** Runs one task over and over; never two at once. */
export interface Repeater {
  /** Runs it now and resolves when that run is over; joins a run under way. Never throws. */
  runNow(): Promise<void>;
  /** Lets a run under way finish, then no more. */
  close(): Promise<void>;
}

/**
 * Runs `task` when asked, and again `pauseMs()` after every run. A run that throws is logged;
 * the next one comes all the same. Nothing runs before the first `runNow`.
 */
export function createRepeater(options: {
  task: () => Promise<void>;
  /** Pause before the next run, milliseconds. */
  pauseMs: (failed: boolean) => number;
  what: string;
  logger: Logger;
}): Repeater {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  async function run(): Promise<void> {
    clearTimeout(timer);
    let failed = false;
    try {
      await options.task();
    } catch (error) {
      failed = true;
      options.logger.warn({ err: error }, `${options.what} failed, the last state stays`);
    }
    running = undefined;
    if (closed) return;
    timer = setTimeout(() => void runNow(), options.pauseMs(failed));
    timer.unref();
  }

  function runNow(): Promise<void> {
    if (closed) return Promise.resolve();
    return (running ??= run());
  }

  return {
    runNow,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
