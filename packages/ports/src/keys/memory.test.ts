import { createManualClock } from "../clock/memory.ts";
import { createMemoryProjects } from "../projects/memory.ts";
import { keysContract } from "./contract.ts";
import { createMemoryKeys } from "./memory.ts";

keysContract(async () => {
  const clock = createManualClock();
  const projects = createMemoryProjects(clock);
  return { clock, projects, keys: createMemoryKeys({ projects, now: clock.now }) };
});
