import type { Rows, RowsRequest } from "../model-catalogue/port.ts";
import type { RunSpec, RunStatus, TrainingRun } from "../training-runs/port.ts";

/** When a trained model is trained anew. Times are ISO 8601 UTC. */
export interface RetrainingSchedule {
  id: number;
  project_id: number;
  trained_model_id: number;
  /** Five fields, UTC. */
  cron_expression: string;
  is_enabled: boolean;
  /** What each run is to do; with source `training_data` and no upload: the newest at that time. */
  spec: RunSpec;
  /** Null while it is disabled, or when the expression has no next time. */
  next_run_at: string | null;
  /** Of the last run it asked for. */
  last_run_at: string | null;
  last_run_status: RunStatus | null;
  created_at: string;
  updated_at: string;
}

export type NewRetrainingSchedule = Pick<
  RetrainingSchedule,
  "project_id" | "trained_model_id" | "cron_expression" | "is_enabled" | "spec" | "next_run_at"
>;
export type ScheduleChanges = Partial<Omit<NewRetrainingSchedule, "project_id">>;

/** Schedules of all projects. Whoever writes one works out `next_run_at` from its expression. */
export interface RetrainingSchedules {
  /** Throws RefusedError: unknown project, or a model that is none of its. */
  create(schedule: NewRetrainingSchedule): Promise<RetrainingSchedule>;
  get(id: number): Promise<RetrainingSchedule | undefined>;
  /** In the order of their ids. */
  list(request: RowsRequest): Promise<Rows<RetrainingSchedule>>;
  /** Throws RefusedError as `create`; undefined when there is none. */
  update(id: number, changes: ScheduleChanges): Promise<RetrainingSchedule | undefined>;
  remove(id: number): Promise<boolean>;
  /** Enabled ones whose `next_run_at` has come, oldest first. */
  due(nowMs: number, limit: number): Promise<RetrainingSchedule[]>;
  /**
   * Requests the run of a due schedule and moves its time on, both or nothing. Of several callers
   * one gets the run. While the schedule's last run waits or runs no other is requested.
   * @param due as `due` answered it: a schedule that changed since is left alone.
   * @param nextRunAt when it is due again.
   * @returns undefined when nothing was requested.
   */
  fire(due: RetrainingSchedule, nextRunAt: string | null): Promise<TrainingRun | undefined>;
  /** The same at once, whatever the time and whether it is enabled; its time stays. */
  trigger(id: number): Promise<TrainingRun | undefined>;
  check(): Promise<void>;
}
