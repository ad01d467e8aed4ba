import type {
  deploymentSlot,
  modelConfiguration,
  retrainingSchedule,
  trainedModel,
  trainedModelVersion,
  trainingData,
  trainingRun,
} from "@signalpath/contracts";
import type {
  DeploymentSlot,
  ModelConfiguration,
  RetrainingSchedule,
  TrainedModel,
  TrainedModelVersion,
  TrainingData,
  TrainingRun,
} from "@signalpath/ports";
import type { z } from "zod";

// Rows as the wire has them: `project` for `project_id`, and names of Recotem where it has one.

export function shownData({ project_id, ...row }: TrainingData): z.output<typeof trainingData> {
  return { ...row, project: project_id, ins_datetime: row.created_at };
}

export function shownConfiguration({
  project_id,
  kind,
  parameters,
  ...row
}: ModelConfiguration): z.output<typeof modelConfiguration> {
  const recommender = { recommender_class_name: kind, parameters_json: parameters };
  return { ...row, ...recommender, project: project_id, ins_datetime: row.created_at };
}

/** @param run the newest. @param serving the serving version. */
export function shownModel(
  model: TrainedModel,
  run: TrainingRun | undefined,
  serving: TrainedModelVersion | undefined,
): z.output<typeof trainedModel> {
  const { id, project_id, name, version, last_version, created_at, updated_at } = model;
  return {
    id,
    project: project_id,
    name,
    kind: serving?.kind ?? model.kind,
    version,
    last_version,
    status: run?.status ?? (last_version === 0 ? "PENDING" : "COMPLETED"),
    error: run?.error ?? null,
    error_code: run?.error_code ?? null,
    metrics: serving?.metrics ?? {},
    file: serving?.file ?? null,
    sha256: serving?.sha256 ?? null,
    progress: run?.progress ?? (last_version === 0 ? 0 : 1),
    stage: run?.stage ?? null,
    training_run: run?.id ?? null,
    created_at,
    ins_datetime: created_at,
    updated_at,
  };
}

export function shownVersion(
  version: TrainedModelVersion,
  serving: number | null,
): z.output<typeof trainedModelVersion> {
  const { project_id: _, trained_model_id, training_run_id, ...row } = version;
  const ids = { trained_model: trained_model_id, training_run: training_run_id };
  return { ...row, ...ids, serving: row.version === serving };
}

export function shownRun(run: TrainingRun): z.output<typeof trainingRun> {
  const { project_id, trained_model_id, retraining_schedule_id, spec, ...row } = run;
  const { training_data_id, ...what } = spec;
  const { worker: _, heartbeat_at: __, ...shown } = row;
  return {
    ...shown,
    ...what,
    project: project_id,
    trained_model: trained_model_id,
    retraining_schedule: retraining_schedule_id,
    training_data: training_data_id,
  };
}

export function shownSlot({
  project_id,
  trained_model_id,
  ...row
}: DeploymentSlot): z.output<typeof deploymentSlot> {
  const ids = { project: project_id, trained_model: trained_model_id };
  return { ...row, ...ids, ins_datetime: row.created_at };
}

export function shownSchedule({
  project_id,
  trained_model_id,
  spec,
  ...row
}: RetrainingSchedule): z.output<typeof retrainingSchedule> {
  const { training_data_id, promotion, ...what } = spec;
  return {
    ...row,
    ...what,
    project: project_id,
    trained_model: trained_model_id,
    training_data: training_data_id,
    retune: spec.tune !== null,
    auto_deploy: promotion !== "manual",
    ins_datetime: row.created_at,
  };
}
