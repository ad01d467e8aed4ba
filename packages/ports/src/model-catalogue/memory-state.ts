import type { Clock } from "../clock/port.ts";
import type { DeploymentSlot, RoutingMode } from "../deployment-slots/port.ts";
import { RefusedError } from "../errors.ts";
import type { ModelConfiguration } from "../model-configurations/port.ts";
import type { Projects } from "../projects/port.ts";
import type { RetrainingSchedule } from "../retraining-schedules/port.ts";
import type { TrainingData, TrainingRow } from "../training-data/port.ts";
import type { RunLogLine, TrainingRun } from "../training-runs/port.ts";
import type {
  TrainedModelVersion,
  Rows,
  RowsRequest,
  ServingChange,
  TrainedModel,
} from "./port.ts";

/** Most rows one read answers. */
export const PAGE = 2_000;

interface KeptRun {
  run: TrainingRun;
  token: string | undefined;
  until: number;
  checkpoint: unknown;
  lines: RunLogLine[];
}

/** What the keepers of trainings in one process share. */
export interface MemoryTrainingState {
  projects: Pick<Projects, "get">;
  now: Clock;
  models: Map<number, { model: TrainedModel; removed: boolean; versions: TrainedModelVersion[] }>;
  servingChanges: ServingChange[];
  uploads: Map<number, { data: TrainingData; blocks: TrainingRow[][] }>;
  runs: Map<number, KeptRun>;
  slots: Map<number, DeploymentSlot>;
  /** Project of each slot there ever was. */
  slotOwners: Map<number, number>;
  routings: Map<number, { seed: string; mode: RoutingMode; next: number }>;
  configurations: Map<number, ModelConfiguration>;
  schedules: Map<number, { schedule: RetrainingSchedule; lastRunId: number | undefined }>;
  /** Next id of a table, from 1. */
  nextId(table: string): number;
}

export function createMemoryTrainingState(options: {
  projects: Pick<Projects, "get">;
  now: Clock;
}): MemoryTrainingState {
  const last = new Map<string, number>();
  return {
    ...options,
    models: new Map(),
    servingChanges: [],
    uploads: new Map(),
    runs: new Map(),
    slots: new Map(),
    slotOwners: new Map(),
    routings: new Map(),
    configurations: new Map(),
    schedules: new Map(),
    nextId(table) {
      const id = (last.get(table) ?? 0) + 1;
      last.set(table, id);
      return id;
    },
  };
}

export async function assertProject(state: MemoryTrainingState, id: number): Promise<void> {
  if ((await state.projects.get(id)) === undefined) {
    throw new RefusedError("the project is unknown");
  }
}

/** @throws RefusedError unless the model is a live one of the project. */
export function liveModel(state: MemoryTrainingState, id: number, projectId: number) {
  const kept = state.models.get(id);
  if (kept === undefined || kept.removed || kept.model.project_id !== projectId) {
    throw new RefusedError("the project has no such trained model");
  }
  return kept;
}

export function isoNow({ now }: MemoryTrainingState): string {
  return new Date(now()).toISOString();
}

/** A page of copies. */
export function pageOf<T extends { project_id: number }>(
  all: readonly T[],
  { project_id, offset, limit }: RowsRequest,
): Rows<T> {
  const own = all.filter((row) => project_id === undefined || row.project_id === project_id);
  const rows = own.slice(offset, offset + Math.min(limit, PAGE));
  return { count: own.length, rows: structuredClone(rows) };
}
