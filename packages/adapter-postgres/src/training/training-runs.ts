import { sql } from "drizzle-orm";

import {
  type Clock,
  type RunLogLine,
  type TrainingRun,
  type TrainingRuns,
} from "@signalpath/ports";

import { PAGE, rowsOf, type Db } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { trainingRunLogs, trainingRuns } from "../schema/training-runs.ts";
import { array, fromMs, isoTime } from "../sql-parts.ts";
import { claimRun } from "./claim-run.ts";
import { leasedCalls } from "./leased-runs.ts";
import { insertRun } from "./request-run.ts";
import { equals, oneRow, rowsPage } from "./rows-page.ts";
import { RUN } from "./run-columns.ts";

/** Runs in Postgres or PGlite. `newToken` makes proofs of claims. */
export function createPostgresTrainingRuns(
  db: Db,
  { now, newToken }: { now: Clock; newToken: () => string },
): TrainingRuns {
  return {
    request: (run) => transact(db, (tx) => insertRun(tx, run, now())),
    claim: (options) =>
      transact(db, (tx) => claimRun(tx, { ...options, now_ms: now(), token: newToken() })),
    ...leasedCalls(db, now),
    cancel: (id) => cancel(db, id, now()),
    get: (id) =>
      guard(() =>
        oneRow<TrainingRun>(db, sql`select ${RUN} from ${trainingRuns} where id = ${id}`),
      ),
    list: ({ project_id, trained_model_id, status, ...page }) =>
      guard(() => {
        const where = [
          equals("project_id", project_id),
          equals("trained_model_id", trained_model_id),
          equals("status", status),
        ];
        const from = { table: trainingRuns, columns: RUN, where, order: sql`id desc` };
        return rowsPage<TrainingRun>(db, from, page);
      }),
    latestOf: (modelIds) =>
      guard(() =>
        rowsOf<TrainingRun>(
          db,
          sql`select distinct on (trained_model_id) ${RUN} from ${trainingRuns}
            where trained_model_id = any(${array("int", modelIds)})
            order by trained_model_id, id desc`,
        ),
      ),
    logs: (id, { after, limit }) =>
      guard(() =>
        rowsOf<RunLogLine>(
          db,
          sql`select sequence, ${isoTime(trainingRunLogs.loggedAt)} as logged_at, level, message
            from ${trainingRunLogs} where training_run_id = ${id} and sequence > ${after}
            order by sequence limit ${Math.min(limit, PAGE)}`,
        ),
      ),
    check: () =>
      guard(async () => void (await rowsOf(db, sql`select from ${trainingRuns} limit 1`))),
  };
}

function cancel(db: Db, id: number, atMs: number): Promise<TrainingRun | undefined> {
  return guard(async () => {
    await db.execute(sql`update ${trainingRuns} set status = 'CANCELLED', token = null,
        checkpoint = null, finished_at = ${fromMs(atMs)}
      where id = ${id} and status in ('PENDING', 'RUNNING')`);
    return oneRow<TrainingRun>(db, sql`select ${RUN} from ${trainingRuns} where id = ${id}`);
  });
}
