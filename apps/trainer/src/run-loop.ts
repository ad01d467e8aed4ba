import { createRepeater } from "@signalpath/service-kit";

import type { Context } from "./context.ts";
import { performRun } from "./perform-run.ts";

/** Claims and does runs, one at a time. */
export interface RunLoop {
  start(): void;
  /** Looks at the table now. */
  wake(): void;
  /** Gives a run under way back and takes no other. */
  close(): Promise<void>;
}

export function createRunLoop(ctx: Context): RunLoop {
  const stop = new AbortController();
  let woken = false;

  async function workOff(): Promise<void> {
    while (!stop.signal.aborted) {
      woken = false;
      const lease = await ctx.trainingRuns.claim({
        worker: ctx.worker,
        lease_ms: ctx.options.leaseMs,
      });
      if (lease === undefined) return;
      await performRun(ctx, lease, stop.signal);
    }
  }
  const repeater = createRepeater({
    task: workOff,
    // A call that came while the table was looked at asks for another look.
    pauseMs: () => (woken ? 0 : ctx.options.pollMs),
    what: "claiming a training run",
    logger: ctx.kit.logger,
  });
  return {
    start: () => void repeater.runNow(),
    wake() {
      woken = true;
      void repeater.runNow();
    },
    async close() {
      stop.abort();
      await repeater.close();
    },
  };
}
