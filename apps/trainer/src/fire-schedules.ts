import { RefusedError, type RetrainingSchedule } from "@signalpath/ports";
import { nextCronRun } from "@signalpath/service-kit";

import { announceProgress } from "./announce.ts";
import type { Context } from "./context.ts";

/** Schedules looked at in one go. */
const AT_ONCE = 100;

/**
 * Requests the runs of schedules whose time has come; each moves on to its next time after now, so
 * that times missed while nothing ran are made up for by one run. Of several trainers one gets each.
 * @returns how many runs were requested.
 */
export async function fireSchedules(ctx: Context): Promise<number> {
  const { retrainingSchedules, kit, meters } = ctx;
  const due = await retrainingSchedules.due(kit.now(), AT_ONCE);
  let requested = 0;
  for (const schedule of due) {
    const next = nextOf(ctx, schedule);
    if (next === undefined) {
      await retrainingSchedules.update(schedule.id, { is_enabled: false, next_run_at: null });
      meters.fired.inc({ result: "refused" });
      continue;
    }
    try {
      const run = await retrainingSchedules.fire(schedule, next.at);
      // The last run still goes on, or another trainer was first.
      meters.fired.inc({ result: run === undefined ? "skipped" : "requested" });
      if (run === undefined) continue;
      requested += 1;
      await announceProgress(ctx, run, { status: "PENDING", progress: 0, stage: null });
    } catch (err) {
      if (!(err instanceof RefusedError)) throw err;
      kit.logger.warn({ err, schedule: schedule.id }, "a schedule could not request its run");
      meters.fired.inc({ result: "refused" });
      await retrainingSchedules.update(schedule.id, { next_run_at: next.at });
    }
  }
  return requested;
}

/** Undefined for an expression that is none: somebody wrote it past the API. */
function nextOf(
  { kit }: Context,
  { id, cron_expression }: RetrainingSchedule,
): { at: string | null } | undefined {
  try {
    return { at: nextCronRun(cron_expression, kit.now()) ?? null };
  } catch (err) {
    kit.logger.error({ err, schedule: id }, "a schedule is switched off: no cron expression");
    return undefined;
  }
}
