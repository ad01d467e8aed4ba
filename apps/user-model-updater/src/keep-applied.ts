import { createRepeater } from "@signalpath/service-kit";

import { catchUp } from "./catch-up.ts";
import type { Context } from "./context.ts";

/** Keeps `applied_at` true: it moves only while nothing is known to be missing in the store. */
export interface AppliedKeeper {
  /** First catch-up; one that fails is repeated. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** A connection was lost and is back: the store may have changed behind it. */
  reconnected(): Promise<void>;
  /** For `/readyz`. @throws while a catch-up is due. */
  check(): Promise<void>;
}

/** @param atStart false: the store lives in this process and cannot be older than it. */
export function createAppliedKeeper(
  ctx: Context,
  { atStart }: { atStart: boolean },
): AppliedKeeper {
  // Rises with every reconnect: one that happens during a catch-up asks for another.
  let asked = atStart ? 1 : 0;
  let done = 0;

  const beat = createRepeater({
    task: async () => {
      while (done < asked) {
        const serving = asked;
        await catchUp(ctx);
        done = serving;
      }
      await ctx.buffer.saveAppliedAt(ctx.progress.appliedUntil(ctx.now()));
    },
    pauseMs: () => ctx.options.beatMs,
    what: "catching up with the archive",
    logger: ctx.logger,
  });

  return {
    start: () => beat.runNow(),
    close: () => beat.close(),
    async reconnected() {
      asked += 1;
      await beat.runNow();
    },
    async check() {
      if (done < asked) throw new Error("models are caught up with the archive first");
    },
  };
}
