import { abTestsContract } from "../ab-tests/contract.ts";
import { createMemoryAbTests } from "../ab-tests/memory.ts";
import { createManualClock } from "../clock/memory.ts";
import { createMemoryTraining } from "../model-catalogue/memory-training.ts";
import { createMemoryProjects } from "../projects/memory.ts";
import { experimentsContract } from "./contract.ts";
import { createMemoryExperiments } from "./memory.ts";

const make = async () => {
  const clock = createManualClock();
  const projects = createMemoryProjects(clock);
  const options = { projects, now: clock.now };
  const experiments = createMemoryExperiments(options);
  const training = createMemoryTraining({ ...options, newId: () => "a seed of the tests" });
  const abTests = createMemoryAbTests({ ...options, slots: training.deploymentSlots });
  return { ...training, clock, projects, experiments, abTests };
};
experimentsContract(make);
abTestsContract(make);
