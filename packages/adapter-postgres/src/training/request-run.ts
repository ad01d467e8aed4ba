import { sql } from "drizzle-orm";

import { RefusedError, type NewTrainingRun, type TrainingRun } from "@signalpath/ports";

import { rowsOf, type Tx } from "../db.ts";
import { trainedModels } from "../schema/trained-models.ts";
import { trainingData } from "../schema/training-data.ts";
import { trainingRuns } from "../schema/training-runs.ts";
import { fromMs } from "../sql-parts.ts";
import { json, oneRow } from "./rows-page.ts";
import { RUN } from "./run-columns.ts";

/** A run that waits. @throws RefusedError for an unknown model or an upload that is none of its project. */
export async function insertRun(tx: Tx, wish: NewTrainingRun, atMs: number): Promise<TrainingRun> {
  const model = await oneRow<{ project_id: number }>(
    tx,
    sql`select project_id from ${trainedModels}
      where id = ${wish.trained_model_id} and removed_at is null for share`,
  );
  if (model === undefined) throw new RefusedError("there is no such trained model");
  const { training_data_id: upload } = wish.spec;
  if (upload !== null) {
    const [own] = await rowsOf(
      tx,
      sql`select id from ${trainingData}
        where id = ${upload} and project_id = ${model.project_id} and stored_at is not null`,
    );
    if (own === undefined) throw new RefusedError("the project has no such training data");
  }
  const row = await oneRow<TrainingRun>(
    tx,
    sql`insert into ${trainingRuns} (project_id, trained_model_id, trigger,
        retraining_schedule_id, spec, status, metrics, created_at)
      values (${model.project_id}, ${wish.trained_model_id}, ${wish.trigger},
        ${wish.retraining_schedule_id ?? null}, ${json(wish.spec)}, 'PENDING', ${json({})},
        ${fromMs(atMs)})
      returning ${RUN}`,
  );
  return row as TrainingRun;
}
