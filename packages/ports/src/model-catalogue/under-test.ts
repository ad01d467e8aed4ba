import { iso, NOON } from "../archive/contract-parts.ts";
import type { ManualClock } from "../clock/memory.ts";
import type { Projects } from "../projects/port.ts";
import type { RunSpec } from "../training-runs/port.ts";
import type { TrainingStores } from "./memory-training.ts";
import type { NewTrainedModelVersion } from "./port.ts";

/** Empty tables over one clock, made anew for each test. */
export interface TrainingParts extends TrainingStores {
  projects: Projects;
  clock: ManualClock;
}
export type MakeTraining = () => Promise<TrainingParts>;

/** The parts with two projects, the clock at noon. */
export async function twoProjects(make: MakeTraining) {
  const parts = await make();
  parts.clock.set(NOON);
  const { id: project } = await parts.projects.create("Shop");
  const { id: other } = await parts.projects.create("Other");
  return { ...parts, project, other };
}

export function newVersion(
  model: { id: number; project_id: number },
  version: number,
  changes: Partial<NewTrainedModelVersion> = {},
): NewTrainedModelVersion {
  return {
    trained_model_id: model.id,
    project_id: model.project_id,
    version,
    kind: "ease",
    file: `${model.id}/${version}-0123456789ab.spm`,
    sha256: "ab".repeat(32),
    bytes: 5_000_000_000,
    parameters: { lambda: 250.5, "odd '\"; -- name": [null, true, "é"] },
    metrics: { "ndcg@10": 0.125, segments: { cold: 0 } },
    data_rows: 100_836,
    data_digest: "cd".repeat(32),
    data_from: iso(NOON - 86_400_000),
    data_to: iso(NOON),
    git_version: "1234567",
    ...changes,
  };
}

export function runSpec(changes: Partial<RunSpec> = {}): RunSpec {
  return {
    source: "archive",
    training_data_id: null,
    kind: "auto",
    parameters: { alpha: 0.5 },
    tune: { trials: 20, seconds: 60 },
    seed: 1,
    split: "time",
    promotion: "always",
    ...changes,
  };
}
