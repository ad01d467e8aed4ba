import { monitorEventLoopDelay } from "node:perf_hooks";

import type { DoorName } from "./case.ts";
import type { Figures } from "./report.ts";
import { runDoor, type DoorRun } from "./run.ts";
import type { Target } from "./world.ts";

const MB = 1024 * 1024;

/** A run at one door with what it cost this process, its generators and checks included. */
export async function measure(options: {
  door: DoorName;
  runs: number;
  seed: number;
  open?: () => Promise<Target>;
}): Promise<{ figures: Figures; failure: DoorRun["failure"] }> {
  let crashes = 0;
  const count = (): void => void crashes++;
  process.on("uncaughtException", count);
  process.on("unhandledRejection", count);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const before = memory();
  const startedAt = performance.now();
  delay.enable();
  try {
    const { tally, failure } = await runDoor(options);
    delay.disable();
    const after = memory();
    const figures: Figures = {
      door: options.door,
      seconds: (performance.now() - startedAt) / 1_000,
      tally,
      crashes,
      heapMb: { before: before.heapMb, after: after.heapMb },
      rssGrowthMb: after.rssMb - before.rssMb,
      loopDelayMs: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
    };
    return { figures, failure };
  } finally {
    process.off("uncaughtException", count);
    process.off("unhandledRejection", count);
  }
}

/** Memory behind a collection; without `--expose-gc` as it is. */
function memory(): { heapMb: number; rssMb: number } {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / MB, rssMb: rss / MB };
}
