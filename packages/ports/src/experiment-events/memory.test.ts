import { sha256 } from "../archive/contract-parts.ts";
import { createMemoryArchive } from "../archive/memory.ts";
import { createManualClock } from "../clock/memory.ts";
import { experimentEventsContract } from "./contract.ts";
import { createMemoryExperimentEvents } from "./memory.ts";

experimentEventsContract(async () => {
  const clock = createManualClock();
  const options = { sha256, now: clock.now };
  const experiments = createMemoryExperimentEvents(options);
  const { archive } = createMemoryArchive({ ...options, experiments });
  return { events: experiments.events, archive, clock };
}, 60);
