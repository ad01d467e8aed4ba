import { sql } from "drizzle-orm";

import {
  RefusedError,
  type ChangedBy,
  type Clock,
  type ModelCatalogue,
  type NewTrainedModel,
  type NewTrainedModelVersion,
  type ServedModel,
  type ServingChange,
  type TrainedModel,
  type TrainedModelVersion,
} from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { deploymentSlots } from "../schema/deployment.ts";
import { servingChanges, trainedModels, trainedModelVersions } from "../schema/trained-models.ts";
import { trainingRuns } from "../schema/training-runs.ts";
import { array, fromMs, isoTime } from "../sql-parts.ts";
import { holdModel, lockProjectRow } from "./live-model.ts";
import { noteServingChange } from "./serving-changes.ts";
import { equals, json, oneRow, rowsPage } from "./rows-page.ts";

const MODEL = sql`id, project_id, name, kind, version, last_version,
  ${isoTime(trainedModels.createdAt)} as created_at, ${isoTime(trainedModels.updatedAt)} as updated_at`;
const VERSION = sql`trained_model_id, project_id, version, kind, file, sha256,
  bytes::float8 as bytes, parameters, metrics, data_rows, data_digest,
  ${isoTime(trainedModelVersions.dataFrom)} as data_from,
  ${isoTime(trainedModelVersions.dataTo)} as data_to, git_version, training_run_id,
  ${isoTime(trainedModelVersions.createdAt)} as created_at`;

const CHANGE = sql`id, project_id, trained_model_id,
  ${isoTime(servingChanges.changedAt)} as changed_at, cause, from_version, to_version,
  training_run_id, key_id`;

/** Trained models in Postgres or PGlite. */
export function createPostgresModelCatalogue(db: Db, { now }: { now: Clock }): ModelCatalogue {
  return {
    create: (model) => transact(db, (tx) => createModel(tx, model, now())),
    get: (id) =>
      guard(() =>
        oneRow<TrainedModel>(
          db,
          sql`select ${MODEL} from ${trainedModels} where id = ${id} and removed_at is null`,
        ),
      ),
    list: ({ project_id, ...page }) =>
      guard(() => {
        const where = [sql`removed_at is null`, equals("project_id", project_id)];
        const from = { table: trainedModels, columns: MODEL, where, order: sql`id` };
        return rowsPage<TrainedModel>(db, from, page);
      }),
    rename: (id, name) =>
      guard(() =>
        oneRow<TrainedModel>(
          db,
          sql`update ${trainedModels} set name = ${name}, updated_at = ${fromMs(now())}
            where id = ${id} and removed_at is null returning ${MODEL}`,
        ),
      ),
    register: (version, { serve, key_id }) =>
      transact(db, (tx) =>
        registerVersion(tx, version, { serve, runId: null, key_id, atMs: now() }),
      ),
    promote: (id, version, by = {}) =>
      transact(db, (tx) => promoteVersion(tx, { id, version, by, atMs: now() })),
    ...readings(db),
    remove: (id, by = {}) => transact(db, (tx) => removeModel(tx, { id, by, atMs: now() })),
    check: () =>
      guard(async () => void (await rowsOf(db, sql`select from ${trainedModels} limit 1`))),
  };
}

function readings(db: Db): Pick<ModelCatalogue, "version" | "versions" | "served" | "history"> {
  return {
    version: (id, version) =>
      guard(() =>
        oneRow<TrainedModelVersion>(
          db,
          sql`select ${VERSION} from ${trainedModelVersions}
            where trained_model_id = ${id} and version = ${version}`,
        ),
      ),
    versions: (id, page) =>
      guard(() => {
        const where = [equals("trained_model_id", id)];
        const order = sql`version desc`;
        const from = { table: trainedModelVersions, columns: VERSION, where, order };
        return rowsPage<TrainedModelVersion>(db, from, page);
      }),
    history: (id, page) =>
      guard(() => {
        const where = [equals("trained_model_id", id)];
        const from = { table: servingChanges, columns: CHANGE, where, order: sql`id desc` };
        return rowsPage<ServingChange>(db, from, page);
      }),
    served: (ids) =>
      guard(() =>
        rowsOf<ServedModel>(
          db,
          sql`select made.trained_model_id, made.project_id, made.version, made.kind, made.file,
              made.sha256, made.bytes::float8 as bytes,
              ${isoTime(sql`made.created_at`)} as created_at
            from ${trainedModels} as model join ${trainedModelVersions} as made
              on made.trained_model_id = model.id and made.version = model.version
            where model.id = any(${array("int", ids)}) and model.removed_at is null
            order by model.id`,
        ),
      ),
  };
}

async function createModel(tx: Tx, model: NewTrainedModel, atMs: number): Promise<TrainedModel> {
  await lockProjectRow(tx, model.project_id);
  const at = fromMs(atMs);
  const row = await oneRow<TrainedModel>(
    tx,
    sql`insert into ${trainedModels} (id, project_id, name, kind, created_at, updated_at)
      select new.id, ${model.project_id}, coalesce(${model.name ?? null}, 'model ' || new.id),
        ${model.kind}, ${at}, ${at}
      from (select nextval(pg_get_serial_sequence('trained_models', 'id'))::int as id) as new
      returning ${MODEL}`,
  );
  return row as TrainedModel;
}

async function promoteVersion(
  tx: Tx,
  { id, version, by, atMs }: { id: number; version: number; by: ChangedBy; atMs: number },
): Promise<TrainedModel | undefined> {
  const model = await oneRow<TrainedModel>(
    tx,
    sql`select ${MODEL} from ${trainedModels} where id = ${id} and removed_at is null
      and exists (select from ${trainedModelVersions} as registered
        where registered.trained_model_id = ${id} and registered.version = ${version})
      for update`,
  );
  if (model === undefined) return undefined;
  const cause = version < (model.version ?? 0) ? "roll_back" : "promotion";
  await noteServingChange(tx, model, { to: version, cause, ...by, atMs });
  return oneRow<TrainedModel>(
    tx,
    sql`update ${trainedModels} set version = ${version}, updated_at = ${fromMs(atMs)}
      where id = ${id} returning ${MODEL}`,
  );
}

/** The row of a version, in the model's order. @throws RefusedError. */
export async function registerVersion(
  tx: Tx,
  row: NewTrainedModelVersion,
  {
    serve,
    runId,
    key_id,
    atMs,
  }: { serve: boolean; runId: number | null; atMs: number } & ChangedBy,
): Promise<TrainedModelVersion> {
  const { trained_model_id: id, project_id } = row;
  const { last_version: last, version } = await holdModel(tx, id, project_id);
  if (row.version !== last + 1) throw new RefusedError(`the next version is ${last + 1}`);
  const at = fromMs(atMs);
  if (serve) {
    const cause = runId === null ? "import" : "run";
    const change = { to: row.version, cause, runId, key_id, atMs } as const;
    await noteServingChange(tx, { id, project_id, version }, change);
  }
  await tx.execute(sql`update ${trainedModels} set last_version = ${row.version},
    version = case when ${serve} then ${row.version} else version end, updated_at = ${at}
    where id = ${row.trained_model_id}`);
  const made = await oneRow<TrainedModelVersion>(
    tx,
    sql`insert into ${trainedModelVersions} (trained_model_id, version, project_id, kind, file,
        sha256, bytes, parameters, metrics, data_rows, data_digest, data_from, data_to,
        git_version, training_run_id, created_at)
      values (${row.trained_model_id}, ${row.version}, ${row.project_id}, ${row.kind}, ${row.file},
        ${row.sha256}, ${row.bytes}, ${json(row.parameters)}, ${json(row.metrics)},
        ${row.data_rows}, ${row.data_digest}, ${row.data_from}::timestamptz,
        ${row.data_to}::timestamptz, ${row.git_version}, ${runId}, ${at})
      returning ${VERSION}`,
  );
  return made as TrainedModelVersion;
}

async function removeModel(
  tx: Tx,
  { id, by, atMs }: { id: number; by: ChangedBy; atMs: number },
): Promise<boolean> {
  const [model] = await rowsOf<Pick<TrainedModel, "id" | "project_id" | "version">>(
    tx,
    sql`select id, project_id, version from ${trainedModels} where id = ${id} and removed_at is null for update`,
  );
  if (model === undefined) return false;
  const [slot] = await rowsOf(
    tx,
    sql`select id from ${deploymentSlots}
      where trained_model_id = ${id} and removed_at is null limit 1`,
  );
  if (slot !== undefined) throw new RefusedError("a deployment slot names this model");
  const [run] = await rowsOf(
    tx,
    sql`select id from ${trainingRuns}
      where trained_model_id = ${id} and status in ('PENDING', 'RUNNING') limit 1`,
  );
  if (run !== undefined) throw new RefusedError("a training run of this model is under way");
  await noteServingChange(tx, model, { to: null, cause: "removal", ...by, atMs });
  await tx.execute(sql`update ${trainedModels} set removed_at = ${fromMs(atMs)} where id = ${id}`);
  return true;
}
