import { RefusedError } from "../errors.ts";
import { isoNow, type MemoryTrainingState } from "../model-catalogue/memory-state.ts";
import type { NewTrainingRun, TrainingRun } from "./port.ts";

/** A run that waits. @throws RefusedError for an unknown model or an upload that is none of its project. */
export function addRun(state: MemoryTrainingState, wish: NewTrainingRun): TrainingRun {
  const kept = state.models.get(wish.trained_model_id);
  if (kept === undefined || kept.removed) throw new RefusedError("there is no such trained model");
  const { project_id } = kept.model;
  const { training_data_id: upload } = wish.spec;
  if (upload !== null && state.uploads.get(upload)?.data.project_id !== project_id) {
    throw new RefusedError("the project has no such training data");
  }
  const run: TrainingRun = {
    id: state.nextId("runs"),
    project_id,
    trained_model_id: wish.trained_model_id,
    trigger: wish.trigger,
    retraining_schedule_id: wish.retraining_schedule_id ?? null,
    spec: structuredClone(wish.spec),
    status: "PENDING",
    progress: 0,
    stage: null,
    attempt: 0,
    worker: null,
    version: null,
    metrics: {},
    data_rows: null,
    data_digest: null,
    error_code: null,
    error: null,
    created_at: isoNow(state),
    started_at: null,
    heartbeat_at: null,
    finished_at: null,
  };
  state.runs.set(run.id, { run, token: undefined, until: 0, checkpoint: null, lines: [] });
  return run;
}
