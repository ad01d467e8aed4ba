import type { RunLease, RunLogLine } from "@signalpath/ports";

import { announceProgress } from "./announce.ts";
import type { Context } from "./context.ts";
import type { Checkpoint } from "./worker/messages.ts";

/** Share of a run that each stage ends at. */
const ENDS = { reading: 0.1, tuning: 0.6, evaluating: 0.8, fitting: 0.95, writing: 1 } as const;
export type RunStage = keyof typeof ENDS;
const STAGES = Object.keys(ENDS) as RunStage[];

/** Holds a run while it is worked on, and says how far it is. */
export interface LeaseKeeper {
  stage(stage: RunStage, fraction: number, checkpoint?: Checkpoint): void;
  log(level: RunLogLine["level"], message: string): void;
  /** Tells what was not told yet. */
  flush(): Promise<void>;
  /** No heartbeat comes after it. */
  stop(): Promise<void>;
}

/**
 * Sends a heartbeat now and then; `onLost` is called once when the run is no longer this worker's:
 * it was cancelled, or the store could not be reached until the lease ended.
 */
export function keepLease(ctx: Context, lease: RunLease, onLost: () => void): LeaseKeeper {
  const { trainingRuns, options, kit } = ctx;
  const { run } = lease;
  let until = lease.until;
  let state: { progress: number; stage: string } = { progress: 0, stage: "reading" };
  let told = "";
  let checkpoint: Checkpoint | undefined;
  let lines: Omit<RunLogLine, "sequence">[] = [];
  let beating: Promise<void> | undefined;
  let over = false;

  async function beat(): Promise<void> {
    const sent = { checkpoint, lines };
    lines = [];
    try {
      if (sent.lines.length > 0) await trainingRuns.log(lease, sent.lines);
      const now = kit.now();
      const held = await trainingRuns.heartbeat(lease, {
        ...state,
        lease_ms: options.leaseMs,
        ...(sent.checkpoint === undefined ? {} : { checkpoint: sent.checkpoint }),
      });
      if (!held) return lose();
      until = now + options.leaseMs;
      if (checkpoint === sent.checkpoint) checkpoint = undefined;
    } catch (err) {
      kit.logger.warn({ err, training_run: run.id }, "a heartbeat failed");
      lines = [...sent.lines, ...lines];
      if (kit.now() >= until) lose();
      return;
    }
    const text = `${state.stage}/${state.progress.toFixed(3)}`;
    if (text === told) return;
    told = text;
    await announceProgress(ctx, run, { status: "RUNNING", ...state });
  }
  function lose(): void {
    if (over) return;
    over = true;
    onLost();
  }
  const flush = (): Promise<void> => {
    beating ??= beat().finally(() => (beating = undefined));
    return beating;
  };
  const timer = setInterval(() => {
    if (!over) void flush();
  }, options.heartbeatMs);

  return {
    stage(stage, fraction, found) {
      const from = ENDS[STAGES[STAGES.indexOf(stage) - 1] ?? stage];
      const begin = stage === "reading" ? 0 : from;
      const progress = begin + (ENDS[stage] - begin) * Math.min(1, fraction);
      state = { stage, progress: Math.max(state.progress, Math.min(progress, 0.999)) };
      checkpoint = found ?? checkpoint;
    },
    log(level, message) {
      lines.push({ logged_at: new Date(kit.now()).toISOString(), level, message });
      kit.logger[level]({ training_run: run.id }, message);
    },
    async flush() {
      await beating;
      if (!over) await flush();
    },
    async stop() {
      over = true;
      clearInterval(timer);
      await beating;
    },
  };
}
