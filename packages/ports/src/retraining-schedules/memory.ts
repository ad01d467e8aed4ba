import {
  assertProject,
  isoNow,
  liveModel,
  pageOf,
  type MemoryTrainingState,
} from "../model-catalogue/memory-state.ts";
import { addRun } from "../training-runs/memory-request.ts";
import type { TrainingRun } from "../training-runs/port.ts";
import type { RetrainingSchedule, RetrainingSchedules } from "./port.ts";

type Kept = MemoryTrainingState["schedules"] extends Map<number, infer K> ? K : never;

/** Keeps schedules in the process. */
export function createMemoryRetrainingSchedules(state: MemoryTrainingState): RetrainingSchedules {
  const { schedules } = state;
  const shown = (kept: Kept): RetrainingSchedule => {
    const run = kept.lastRunId === undefined ? undefined : state.runs.get(kept.lastRunId)?.run;
    const last = { last_run_at: run?.created_at ?? null, last_run_status: run?.status ?? null };
    return structuredClone({ ...kept.schedule, ...last });
  };
  return {
    create: async (schedule) => {
      await assertProject(state, schedule.project_id);
      liveModel(state, schedule.trained_model_id, schedule.project_id);
      const id = state.nextId("schedules");
      const at = isoNow(state);
      const last = { last_run_at: null, last_run_status: null };
      const row = { ...structuredClone(schedule), id, ...last, created_at: at, updated_at: at };
      schedules.set(id, { schedule: row, lastRunId: undefined });
      return structuredClone(row);
    },
    get: async (id) => {
      const kept = schedules.get(id);
      return kept === undefined ? undefined : shown(kept);
    },
    list: async (request) => pageOf([...schedules.values()].map(shown), request),
    update: async (id, changes) => {
      const kept = schedules.get(id);
      if (kept === undefined) return undefined;
      if (changes.trained_model_id !== undefined) {
        liveModel(state, changes.trained_model_id, kept.schedule.project_id);
      }
      Object.assign(kept.schedule, structuredClone(changes), { updated_at: isoNow(state) });
      return shown(kept);
    },
    remove: async (id) => schedules.delete(id),
    due: async (nowMs, limit) =>
      [...schedules.values()]
        .map(shown)
        .filter(
          ({ is_enabled, next_run_at: at }) => is_enabled && at !== null && Date.parse(at) <= nowMs,
        )
        .sort(
          (a, b) =>
            Date.parse(a.next_run_at ?? "") - Date.parse(b.next_run_at ?? "") || a.id - b.id,
        )
        .slice(0, limit),
    fire: async (due, nextRunAt) => {
      const kept = schedules.get(due.id);
      const { next_run_at: at, is_enabled } = kept?.schedule ?? {};
      if (kept === undefined || is_enabled !== true || at !== due.next_run_at) return undefined;
      kept.schedule.next_run_at = nextRunAt;
      return requestRun(state, kept);
    },
    trigger: async (id) => {
      const kept = schedules.get(id);
      return kept === undefined ? undefined : requestRun(state, kept);
    },
    check: async () => undefined,
  };
}

function requestRun(state: MemoryTrainingState, kept: Kept): TrainingRun | undefined {
  const { schedule, lastRunId } = kept;
  const last = lastRunId === undefined ? undefined : state.runs.get(lastRunId)?.run;
  if (last?.status === "PENDING" || last?.status === "RUNNING") return undefined;
  const run = addRun(state, {
    trained_model_id: schedule.trained_model_id,
    trigger: "schedule",
    retraining_schedule_id: schedule.id,
    spec: { ...schedule.spec, training_data_id: uploadOf(state, schedule) },
  });
  kept.lastRunId = run.id;
  return structuredClone(run);
}

/** The upload that was named, else the newest; null when there is none. */
function uploadOf(
  { uploads }: MemoryTrainingState,
  { spec, project_id }: RetrainingSchedule,
): number | null {
  if (spec.source === "archive") return null;
  if (spec.training_data_id !== null) return spec.training_data_id;
  const own = [...uploads.values()].findLast(({ data }) => data.project_id === project_id);
  return own?.data.id ?? null;
}
