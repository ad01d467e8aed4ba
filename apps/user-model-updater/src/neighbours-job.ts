import { createRepeater } from "@signalpath/service-kit";

import type { Context } from "./context.ts";
import { countNeighbours } from "./count-neighbours.ts";

/** Counting takes at most this share of the time, however large the archive is. */
const MAX_SHARE = 0.05;

export interface NeighboursJob {
  start(): void;
  close(): Promise<void>;
  /** Something was archived: the table is out of date. */
  changed(): void;
  /** Counts now, whatever the clock says. */
  runNow(): Promise<void>;
}

/** Counts neighbours anew every interval in which something changed. */
export function createNeighboursJob(ctx: Context): NeighboursJob {
  let isChanged = true;
  let tookMs = 0;

  const repeater = createRepeater({
    task: async () => {
      if (!isChanged) return;
      isChanged = false;
      const began = performance.now();
      try {
        await countAndStore(ctx);
      } catch (error) {
        isChanged = true;
        throw error;
      }
      tookMs = performance.now() - began;
      ctx.meters.neighboursSeconds.set(tookMs / 1_000);
    },
    pauseMs: () => Math.max(ctx.options.neighboursIntervalMs, tookMs / MAX_SHARE),
    what: "counting neighbours",
    logger: ctx.logger,
  });

  return {
    start: () => void repeater.runNow(),
    close: () => repeater.close(),
    changed: () => void (isChanged = true),
    runNow: () => repeater.runNow(),
  };
}

async function countAndStore(ctx: Context): Promise<void> {
  const computedAt = new Date(ctx.now()).toISOString();
  const tables = await countNeighbours(ctx.reader);
  for (const [projectId, rows] of tables) {
    await ctx.itemStats.replaceNeighbours(projectId, rows, computedAt);
    ctx.logger.debug({ project_id: projectId, items: rows.length }, "neighbours counted");
  }
}
