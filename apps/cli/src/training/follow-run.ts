import { trainingRun, trainingRunDetail } from "@signalpath/contracts";
import type { z } from "zod";

import type { Client } from "../client.ts";
import { confirm, type Io } from "../io.ts";

export type Run = z.output<typeof trainingRun>;
export type RunDetail = z.output<typeof trainingRunDetail>;

/** Pause between two looks at a run, milliseconds. */
const PAUSE_MS = 1_000;
const OVER = new Set<Run["status"]>(["COMPLETED", "FAILED", "CANCELLED"]);

export type Followed =
  | { ended: true; run: RunDetail }
  /** Ctrl-C, and the run was not to be cancelled: it goes on without us. */
  | { ended: false; run: RunDetail };

/**
 * Looks at a run until it ended. Ctrl-C asks whether it is to be cancelled, and without a terminal
 * cancels it.
 */
export async function followRun(
  io: Io,
  client: Client,
  id: number,
  onRun: (run: Run) => void,
): Promise<Followed> {
  const path = `/api/v1/training_run/${id}/`;
  let isCancelled = false;
  for (;;) {
    const run = await client.call({ method: "GET", path, response: trainingRunDetail });
    onRun(run);
    if (OVER.has(run.status)) return { ended: true, run };
    if (io.signal.aborted && !isCancelled) {
      if (!(await confirm(io, `\nCancel training run ${id}?`))) return { ended: false, run };
      const cancel = { method: "POST", path: `${path}cancel/`, body: {} } as const;
      await client.call({ ...cancel, response: trainingRun });
      isCancelled = true;
      continue;
    }
    await io.sleep(PAUSE_MS);
  }
}
