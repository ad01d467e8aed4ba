import { createManualClock } from "../clock/memory.ts";
import { createMemoryProjects } from "../projects/memory.ts";
import { rankingRulesContract } from "./contract.ts";
import { createMemoryRankingRules } from "./memory.ts";

rankingRulesContract(async () => {
  const clock = createManualClock();
  const projects = createMemoryProjects(clock);
  return { clock, projects, rankingRules: createMemoryRankingRules({ projects, ...clock }) };
});
