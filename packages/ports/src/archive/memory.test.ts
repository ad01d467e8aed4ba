import { createManualClock } from "../clock/memory.ts";
import { createMemoryDeadLetters } from "../dead-letters/memory.ts";
import { itemStatsContract } from "../item-stats/contract.ts";
import { sha256, type ArchiveParts } from "./contract-parts.ts";
import { archiveContract } from "./contract.ts";
import { createMemoryArchive } from "./memory.ts";
import { archiveReaderContract } from "./reader-contract.ts";

async function make(): Promise<ArchiveParts> {
  const clock = createManualClock();
  const deadLetters = createMemoryDeadLetters({ sha256 });
  return { ...createMemoryArchive({ sha256, now: clock.now, deadLetters }), deadLetters, clock };
}

archiveContract(make);
archiveReaderContract(make);
itemStatsContract(make);
