import { sha256 } from "../archive/contract-parts.ts";
import { createMemoryArchive } from "../archive/memory.ts";
import { createManualClock } from "../clock/memory.ts";
import { learningContract } from "./contract.ts";
import { createMemoryLearning } from "./memory.ts";

learningContract(async () => {
  const clock = createManualClock();
  const options = { sha256, now: clock.now };
  const experiments = createMemoryLearning(options);
  const { archive } = createMemoryArchive({ ...options, experiments });
  return { learning: experiments.learning, archive, clock };
}, 40);
