import { createManualClock } from "../clock/memory.ts";
import { projectsContract } from "./contract.ts";
import { createMemoryProjects } from "./memory.ts";

projectsContract(async () => {
  const clock = createManualClock();
  return { clock, projects: createMemoryProjects(clock) };
});
