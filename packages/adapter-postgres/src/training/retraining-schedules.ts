import { sql, type SQL } from "drizzle-orm";

import type {
  Clock,
  NewRetrainingSchedule,
  RetrainingSchedule,
  RetrainingSchedules,
  ScheduleChanges,
  TrainingRun,
} from "@signalpath/ports";

import { PAGE, rowsOf, type Db, type Tx } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { retrainingSchedules } from "../schema/deployment.ts";
import { trainingData } from "../schema/training-data.ts";
import { trainingRuns } from "../schema/training-runs.ts";
import { fromMs, isoTime } from "../sql-parts.ts";
import { holdModel, lockProjectRow } from "./live-model.ts";
import { insertRun } from "./request-run.ts";
import { assignments, equals, given, json, oneRow, rowsPage } from "./rows-page.ts";

const lastRun = (column: SQL): SQL =>
  sql`(select ${column} from ${trainingRuns} as last where last.id = last_run_id)`;
const SCHEDULE = sql`id, project_id, trained_model_id, cron_expression, is_enabled, spec,
  ${isoTime(retrainingSchedules.nextRunAt)} as next_run_at,
  ${lastRun(isoTime(sql`last.created_at`))} as last_run_at,
  ${lastRun(sql`last.status`)} as last_run_status,
  ${isoTime(retrainingSchedules.createdAt)} as created_at,
  ${isoTime(retrainingSchedules.updatedAt)} as updated_at`;

/** Schedules in Postgres or PGlite. */
export function createPostgresRetrainingSchedules(
  db: Db,
  { now }: { now: Clock },
): RetrainingSchedules {
  return {
    create: (schedule) => transact(db, (tx) => createSchedule(tx, schedule, now())),
    get: (id) => guard(() => readSchedule(db, id)),
    list: ({ project_id, ...page }) =>
      guard(() => {
        const where = [equals("project_id", project_id)];
        const from = { table: retrainingSchedules, columns: SCHEDULE, where, order: sql`id` };
        return rowsPage<RetrainingSchedule>(db, from, page);
      }),
    update: (id, changes) => transact(db, (tx) => updateSchedule(tx, id, changes, now())),
    remove: (id) =>
      guard(async () => {
        const gone = await rowsOf(
          db,
          sql`delete from ${retrainingSchedules} where id = ${id} returning id`,
        );
        return gone.length > 0;
      }),
    due: (nowMs, limit) =>
      guard(() =>
        rowsOf<RetrainingSchedule>(
          db,
          sql`select ${SCHEDULE} from ${retrainingSchedules}
            where is_enabled and ${retrainingSchedules.nextRunAt} <= ${fromMs(nowMs)}
            order by ${retrainingSchedules.nextRunAt}, id limit ${Math.min(limit, PAGE)}`,
        ),
      ),
    fire: (due, nextRunAt) => transact(db, (tx) => fire(tx, due, { nextRunAt, atMs: now() })),
    trigger: (id) => transact(db, (tx) => requestRun(tx, id, now())),
    check: () =>
      guard(async () => void (await rowsOf(db, sql`select from ${retrainingSchedules} limit 1`))),
  };
}

function readSchedule(db: Db | Tx, id: number): Promise<RetrainingSchedule | undefined> {
  return oneRow<RetrainingSchedule>(
    db,
    sql`select ${SCHEDULE} from ${retrainingSchedules} where id = ${id}`,
  );
}

async function createSchedule(
  tx: Tx,
  schedule: NewRetrainingSchedule,
  atMs: number,
): Promise<RetrainingSchedule> {
  await lockProjectRow(tx, schedule.project_id);
  await holdModel(tx, schedule.trained_model_id, schedule.project_id);
  const row = await oneRow<RetrainingSchedule>(
    tx,
    sql`insert into ${retrainingSchedules} (project_id, trained_model_id, cron_expression,
        is_enabled, spec, next_run_at, created_at, updated_at)
      values (${schedule.project_id}, ${schedule.trained_model_id}, ${schedule.cron_expression},
        ${schedule.is_enabled}, ${json(schedule.spec)}, ${schedule.next_run_at}::timestamptz,
        ${fromMs(atMs)}, ${fromMs(atMs)})
      returning ${SCHEDULE}`,
  );
  return row as RetrainingSchedule;
}

async function updateSchedule(
  tx: Tx,
  id: number,
  changes: ScheduleChanges,
  atMs: number,
): Promise<RetrainingSchedule | undefined> {
  const schedule = await hold(tx, id);
  if (schedule === undefined) return undefined;
  if (changes.trained_model_id !== undefined) {
    await holdModel(tx, changes.trained_model_id, schedule.project_id);
  }
  const { next_run_at: next, spec } = changes;
  await tx.execute(
    sql`update ${retrainingSchedules} set ${assignments({
      trained_model_id: given(changes.trained_model_id),
      cron_expression: given(changes.cron_expression),
      is_enabled: given(changes.is_enabled),
      spec: spec === undefined ? undefined : json(spec),
      next_run_at: next === undefined ? undefined : sql`${next}::timestamptz`,
      updated_at: fromMs(atMs),
    })} where id = ${id}`,
  );
  return readSchedule(tx, id);
}

/** The schedule, held until the transaction ends. */
async function hold(tx: Tx, id: number): Promise<RetrainingSchedule | undefined> {
  await rowsOf(tx, sql`select id from ${retrainingSchedules} where id = ${id} for update`);
  return readSchedule(tx, id);
}

async function fire(
  tx: Tx,
  due: RetrainingSchedule,
  { nextRunAt, atMs }: { nextRunAt: string | null; atMs: number },
): Promise<TrainingRun | undefined> {
  const kept = await hold(tx, due.id);
  if (kept?.is_enabled !== true || kept.next_run_at !== due.next_run_at) return undefined;
  await tx.execute(sql`update ${retrainingSchedules}
    set next_run_at = ${nextRunAt}::timestamptz where id = ${due.id}`);
  return requestRun(tx, due.id, atMs);
}

async function requestRun(tx: Tx, id: number, atMs: number): Promise<TrainingRun | undefined> {
  const schedule = await hold(tx, id);
  if (schedule === undefined) return undefined;
  const { last_run_status: last } = schedule;
  if (last === "PENDING" || last === "RUNNING") return undefined;
  const run = await insertRun(
    tx,
    {
      trained_model_id: schedule.trained_model_id,
      trigger: "schedule",
      retraining_schedule_id: id,
      spec: { ...schedule.spec, training_data_id: await uploadOf(tx, schedule) },
    },
    atMs,
  );
  await tx.execute(sql`update ${retrainingSchedules} set last_run_id = ${run.id} where id = ${id}`);
  return run;
}

/** The upload that was named, else the newest; null when there is none. */
async function uploadOf(tx: Tx, { spec, project_id }: RetrainingSchedule): Promise<number | null> {
  if (spec.source === "archive") return null;
  if (spec.training_data_id !== null) return spec.training_data_id;
  const newest = await oneRow<{ id: number }>(
    tx,
    sql`select id from ${trainingData}
      where project_id = ${project_id} and stored_at is not null order by id desc limit 1`,
  );
  return newest?.id ?? null;
}
