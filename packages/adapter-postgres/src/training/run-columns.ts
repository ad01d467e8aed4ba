import { sql } from "drizzle-orm";

import { trainingRuns } from "../schema/training-runs.ts";
import { isoTime } from "../sql-parts.ts";

/** A `TrainingRun` as it is selected. */
export const RUN = sql`id, project_id, trained_model_id, trigger, retraining_schedule_id, spec,
  status, progress, stage, attempt, worker, version, metrics, data_rows, data_digest, error_code,
  error, ${isoTime(trainingRuns.createdAt)} as created_at,
  ${isoTime(trainingRuns.startedAt)} as started_at,
  ${isoTime(trainingRuns.heartbeatAt)} as heartbeat_at,
  ${isoTime(trainingRuns.finishedAt)} as finished_at`;
