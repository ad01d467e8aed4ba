import type { Clock, TrainingStores } from "@signalpath/ports";

import type { Db } from "../db.ts";
import { createPostgresDeploymentSlots } from "./deployment-slots.ts";
import { createPostgresModelCatalogue } from "./model-catalogue.ts";
import { createPostgresModelConfigurations } from "./model-configurations.ts";
import { createPostgresRetrainingSchedules } from "./retraining-schedules.ts";
import { createPostgresTrainingData } from "./training-data.ts";
import { createPostgresTrainingRuns } from "./training-runs.ts";

/** The tables of training and deployment. `newId` makes seeds and tokens nobody can guess. */
export function createPostgresTraining(
  db: Db,
  { now, newId }: { now: Clock; newId: () => string },
): TrainingStores {
  return {
    modelCatalogue: createPostgresModelCatalogue(db, { now }),
    trainingData: createPostgresTrainingData(db, { now }),
    trainingRuns: createPostgresTrainingRuns(db, { now, newToken: newId }),
    deploymentSlots: createPostgresDeploymentSlots(db, { now, newSeed: newId }),
    modelConfigurations: createPostgresModelConfigurations(db, { now }),
    retrainingSchedules: createPostgresRetrainingSchedules(db, { now }),
  };
}
