import type { DeploymentSlots } from "../deployment-slots/port.ts";
import { createMemoryDeploymentSlots } from "../deployment-slots/memory.ts";
import type { ModelConfigurations } from "../model-configurations/port.ts";
import { createMemoryModelConfigurations } from "../model-configurations/memory.ts";
import type { RetrainingSchedules } from "../retraining-schedules/port.ts";
import { createMemoryRetrainingSchedules } from "../retraining-schedules/memory.ts";
import type { TrainingDataStore } from "../training-data/port.ts";
import { createMemoryTrainingData } from "../training-data/memory.ts";
import type { TrainingRuns } from "../training-runs/port.ts";
import { createMemoryTrainingRuns } from "../training-runs/memory.ts";
import { createMemoryTrainingState } from "./memory-state.ts";
import { createMemoryModelCatalogue } from "./memory.ts";
import type { ModelCatalogue } from "./port.ts";

/** The tables of training and deployment; they refer to one another. */
export interface TrainingStores {
  modelCatalogue: ModelCatalogue;
  trainingData: TrainingDataStore;
  trainingRuns: TrainingRuns;
  deploymentSlots: DeploymentSlots;
  modelConfigurations: ModelConfigurations;
  retrainingSchedules: RetrainingSchedules;
}

/** All of them in the process. `newId` makes seeds and tokens nobody can guess. */
export function createMemoryTraining(
  options: Parameters<typeof createMemoryTrainingState>[0] & { newId: () => string },
): TrainingStores {
  const state = createMemoryTrainingState(options);
  const { newId } = options;
  return {
    modelCatalogue: createMemoryModelCatalogue(state),
    trainingData: createMemoryTrainingData(state),
    trainingRuns: createMemoryTrainingRuns(state, { newToken: newId }),
    deploymentSlots: createMemoryDeploymentSlots(state, { newSeed: newId }),
    modelConfigurations: createMemoryModelConfigurations(state),
    retrainingSchedules: createMemoryRetrainingSchedules(state),
  };
}
