import { RefusedError } from "../errors.ts";
import {
  assertProject,
  isoNow,
  liveModel,
  pageOf,
  type MemoryTrainingState,
} from "./memory-state.ts";
import type {
  ChangedBy,
  ModelCatalogue,
  ServingCause,
  TrainedModelVersion,
  NewTrainedModelVersion,
  TrainedModel,
} from "./port.ts";

/** Keeps trained models in the process. */
export function createMemoryModelCatalogue(state: MemoryTrainingState): ModelCatalogue {
  const { models } = state;
  const live = (id: number) => {
    const kept = models.get(id);
    return kept === undefined || kept.removed ? undefined : kept;
  };
  const assertFree = (projectId: number, name: string, but?: number): void => {
    for (const { model, removed } of models.values()) {
      if (removed || model.id === but || model.project_id !== projectId) continue;
      if (model.name === name) throw new RefusedError("a trained model of this name exists");
    }
  };
  return {
    create: async ({ project_id, kind, name: given }) => {
      await assertProject(state, project_id);
      if (given !== undefined) assertFree(project_id, given);
      const id = state.nextId("models");
      const name = given ?? `model ${id}`;
      if (given === undefined) assertFree(project_id, name);
      const at = isoNow(state);
      const model: TrainedModel = {
        id,
        project_id,
        name,
        kind,
        version: null,
        last_version: 0,
        created_at: at,
        updated_at: at,
      };
      models.set(id, { model, removed: false, versions: [] });
      return { ...model };
    },
    get: async (id) => structuredClone(live(id)?.model),
    list: async (request) => {
      const all = [...models.values()].filter(({ removed }) => !removed);
      return pageOf(
        all.map(({ model }) => model),
        request,
      );
    },
    rename: async (id, name) => {
      const kept = live(id);
      if (kept === undefined) return undefined;
      assertFree(kept.model.project_id, name, id);
      Object.assign(kept.model, { name, updated_at: isoNow(state) });
      return { ...kept.model };
    },
    register: async (version, { serve, key_id }) =>
      structuredClone(registerVersion(state, version, { serve, runId: null, key_id })),
    promote: async (id, version, by = {}) => {
      const kept = live(id);
      if (kept === undefined || kept.versions[version - 1] === undefined) return undefined;
      const cause = version < (kept.model.version ?? 0) ? "roll_back" : "promotion";
      noteChange(state, kept.model, version, { cause, ...by });
      Object.assign(kept.model, { version, updated_at: isoNow(state) });
      return { ...kept.model };
    },
    history: async (id, page) =>
      pageOf(state.servingChanges.filter((one) => one.trained_model_id === id).toReversed(), page),
    version: async (id, version) => structuredClone(models.get(id)?.versions[version - 1]),
    versions: async (id, page) => pageOf((models.get(id)?.versions ?? []).toReversed(), page),
    served: async (ids) =>
      [...new Set(ids)]
        .sort((a, b) => a - b)
        .flatMap((id) => {
          const kept = live(id);
          const version = kept?.versions[(kept.model.version ?? 0) - 1];
          return version === undefined ? [] : [servedOf(version)];
        }),
    remove: async (id, by = {}) => {
      const kept = live(id);
      if (kept === undefined) return false;
      assertUnused(state, id);
      noteChange(state, kept.model, null, { cause: "removal", ...by });
      kept.removed = true;
      return true;
    },
    check: async () => undefined,
  };
}

/** The row of a version, in the model's order. @throws RefusedError. */
export function registerVersion(
  state: MemoryTrainingState,
  version: NewTrainedModelVersion,
  { serve, runId, key_id }: { serve: boolean; runId: number | null } & ChangedBy,
): TrainedModelVersion {
  const kept = liveModel(state, version.trained_model_id, version.project_id);
  if (version.version !== kept.model.last_version + 1) {
    throw new RefusedError(`the next version is ${kept.model.last_version + 1}`);
  }
  const at = isoNow(state);
  const row = { ...structuredClone(version), training_run_id: runId, created_at: at };
  kept.versions.push(row);
  kept.model.last_version = version.version;
  if (serve) {
    const cause = runId === null ? "import" : "run";
    noteChange(state, kept.model, version.version, { cause, runId, key_id });
    kept.model.version = version.version;
  }
  kept.model.updated_at = at;
  return row;
}

/** A line of the history, unless the version served already. */
function noteChange(
  state: MemoryTrainingState,
  { id, project_id, version }: TrainedModel,
  next: number | null,
  { cause, runId = null, key_id }: { cause: ServingCause; runId?: number | null } & ChangedBy,
): void {
  if (version === next) return;
  state.servingChanges.push({
    id: state.nextId("servingChanges"),
    project_id,
    trained_model_id: id,
    changed_at: isoNow(state),
    cause,
    from_version: version,
    to_version: next,
    training_run_id: runId,
    key_id: key_id ?? null,
  });
}

function servedOf(version: TrainedModelVersion) {
  const { trained_model_id, project_id, kind, file, sha256, bytes, created_at } = version;
  const served = { trained_model_id, project_id, version: version.version, kind };
  return { ...served, file, sha256, bytes, created_at };
}

function assertUnused({ slots, runs }: MemoryTrainingState, id: number): void {
  if ([...slots.values()].some((slot) => slot.trained_model_id === id)) {
    throw new RefusedError("a deployment slot names this model");
  }
  for (const { run } of runs.values()) {
    if (run.trained_model_id !== id) continue;
    if (run.status === "PENDING" || run.status === "RUNNING") {
      throw new RefusedError("a training run of this model is under way");
    }
  }
}
