import { sql, type SQL } from "drizzle-orm";

import {
  MAX_RUN_LOG_LINES,
  type Clock,
  type LeaseProof,
  type RunResult,
  type TrainingRuns,
} from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { trainingRunLogs, trainingRuns } from "../schema/training-runs.ts";
import { fromMs, tableOf } from "../sql-parts.ts";
import { registerVersion } from "./model-catalogue.ts";
import { json } from "./rows-page.ts";

/** Calls of whoever holds a run. */
export function leasedCalls(
  db: Db,
  now: Clock,
): Pick<TrainingRuns, "heartbeat" | "log" | "complete" | "fail" | "release"> {
  return {
    heartbeat: (lease, { lease_ms, progress, stage, checkpoint }) =>
      guard(() =>
        change(
          db,
          lease,
          sql`lease_until = ${fromMs(now() + lease_ms)}, heartbeat_at = ${fromMs(now())},
            progress = greatest(progress, ${progress}), stage = ${stage},
            checkpoint = ${checkpoint === undefined ? sql`checkpoint` : json(checkpoint)}`,
        ),
      ),
    log: (lease, lines) => transact(db, (tx) => addLines(tx, lease, lines)),
    complete: (lease, result) => transact(db, (tx) => complete(tx, lease, result, now())),
    fail: (lease, { error_code, error }) =>
      guard(() =>
        change(
          db,
          lease,
          sql`status = 'FAILED', token = null, checkpoint = null, error_code = ${error_code},
            error = ${error}, finished_at = ${fromMs(now())}`,
        ),
      ),
    release: (lease) =>
      guard(() =>
        change(
          db,
          lease,
          sql`status = 'PENDING', token = null, worker = null, attempt = attempt - 1`,
        ),
      ),
  };
}

/** Changes a run while it is the lease's; false when it is not. */
async function change(db: Db | Tx, { run, token }: LeaseProof, set: SQL): Promise<boolean> {
  const rows = await rowsOf(
    db,
    sql`update ${trainingRuns} set ${set}
      where id = ${run.id} and token = ${token} and status = 'RUNNING' returning id`,
  );
  return rows.length > 0;
}

/** Holds the run's row, so that lines of one run are numbered one after the other. */
async function hold(tx: Tx, { run, token }: LeaseProof): Promise<boolean> {
  const rows = await rowsOf(
    tx,
    sql`select id from ${trainingRuns}
      where id = ${run.id} and token = ${token} and status = 'RUNNING' for update`,
  );
  return rows.length > 0;
}

async function addLines(
  tx: Tx,
  lease: LeaseProof,
  lines: Parameters<TrainingRuns["log"]>[1],
): Promise<boolean> {
  if (!(await hold(tx, lease))) return false;
  const { id } = lease.run;
  const rows = tableOf("line", lines, {
    logged_at: ["timestamptz", ({ logged_at }) => logged_at],
    level: ["text", ({ level }) => level],
    message: ["text", ({ message }) => message],
    place: ["int", (_, at) => at + 1],
  });
  await tx.execute(sql`insert into ${trainingRunLogs}
      (training_run_id, sequence, logged_at, level, message)
    select ${id}, last.sequence + line.place, line.logged_at, line.level, line.message
      from ${rows},
      (select coalesce(max(sequence), 0) as sequence from ${trainingRunLogs}
        where training_run_id = ${id}) as last
      where last.sequence + line.place <= ${MAX_RUN_LOG_LINES}`);
  return true;
}

async function complete(
  tx: Tx,
  lease: LeaseProof,
  { version, serve, metrics }: RunResult,
  atMs: number,
): Promise<boolean> {
  if (!(await hold(tx, lease))) return false;
  await registerVersion(tx, version, { serve, runId: lease.run.id, atMs });
  return change(
    tx,
    lease,
    sql`status = 'COMPLETED', token = null, checkpoint = null, progress = 1,
      version = ${version.version}, metrics = ${json(metrics)}, data_rows = ${version.data_rows},
      data_digest = ${version.data_digest}, finished_at = ${fromMs(atMs)}`,
  );
}
