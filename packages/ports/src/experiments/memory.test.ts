import { abTestsContract } from "../ab-tests/contract.ts";
import { createMemoryAbTests } from "../ab-tests/memory.ts";
import { createManualClock } from "../clock/memory.ts";
import { createMemoryProjects } from "../projects/memory.ts";
import { experimentsContract } from "./contract.ts";
import { createMemoryExperiments } from "./memory.ts";

const make = async () => {
  const clock = createManualClock();
  const projects = createMemoryProjects(clock);
  const options = { projects, now: clock.now };
  const experiments = createMemoryExperiments(options);
  return { clock, projects, experiments, abTests: createMemoryAbTests(options) };
};
experimentsContract(make);
abTestsContract(make);
