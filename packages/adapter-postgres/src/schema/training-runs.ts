import { sql } from "drizzle-orm";
import {
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";

import { moment } from "./column-types.ts";
import { projects } from "./projects.ts";
import { trainedModels } from "./trained-models.ts";

/** The queue of trainings, and what became of each. */
export const trainingRuns = pgTable(
  "training_runs",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    trainedModelId: integer("trained_model_id")
      .notNull()
      .references(() => trainedModels.id),
    trigger: text("trigger").notNull(),
    retrainingScheduleId: integer("retraining_schedule_id"),
    spec: jsonb("spec").notNull(),
    status: text("status").notNull(),
    progress: doublePrecision("progress").notNull().default(0),
    stage: text("stage"),
    attempt: integer("attempt").notNull().default(0),
    worker: text("worker"),
    /** Proof of the claim that holds it. */
    token: text("token"),
    leaseUntil: moment("lease_until"),
    checkpoint: jsonb("checkpoint"),
    version: integer("version"),
    metrics: jsonb("metrics").notNull(),
    dataRows: integer("data_rows"),
    dataDigest: text("data_digest"),
    errorCode: text("error_code"),
    error: text("error"),
    createdAt: moment("created_at").notNull(),
    startedAt: moment("started_at"),
    heartbeatAt: moment("heartbeat_at"),
    finishedAt: moment("finished_at"),
  },
  (table) => [
    // One trainer at a time per project, whatever the code believes.
    uniqueIndex("training_runs_running")
      .on(table.projectId)
      .where(sql`status = 'RUNNING'`),
    index("training_runs_open")
      .on(table.id)
      .where(sql`status in ('PENDING', 'RUNNING')`),
    index("training_runs_project").on(table.projectId, table.id),
    index("training_runs_model").on(table.trainedModelId, table.id),
  ],
);

export const trainingRunLogs = pgTable(
  "training_run_logs",
  {
    trainingRunId: integer("training_run_id")
      .notNull()
      .references(() => trainingRuns.id),
    sequence: integer("sequence").notNull(),
    loggedAt: moment("logged_at").notNull(),
    level: text("level").notNull(),
    message: text("message").notNull(),
  },
  (table) => [primaryKey({ columns: [table.trainingRunId, table.sequence] })],
);
