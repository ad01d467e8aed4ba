import { randomUUID } from "node:crypto";

import { createManualClock } from "../clock/memory.ts";
import { deploymentSlotsContract } from "../deployment-slots/contract.ts";
import { modelConfigurationsContract } from "../model-configurations/contract.ts";
import { createMemoryProjects } from "../projects/memory.ts";
import { retrainingSchedulesContract } from "../retraining-schedules/contract.ts";
import { trainingDataContract } from "../training-data/contract.ts";
import { trainingRunsContract } from "../training-runs/contract.ts";
import { modelCatalogueContract } from "./contract.ts";
import { createMemoryTraining } from "./memory-training.ts";

const make = async () => {
  const clock = createManualClock();
  const projects = createMemoryProjects(clock);
  const stores = createMemoryTraining({ projects, now: clock.now, newId: randomUUID });
  return { ...stores, projects, clock };
};

modelCatalogueContract(make);
trainingDataContract(make);
trainingRunsContract(make);
deploymentSlotsContract(make);
modelConfigurationsContract(make);
retrainingSchedulesContract(make);
