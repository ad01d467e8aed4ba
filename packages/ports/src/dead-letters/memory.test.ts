import { sha256 } from "../archive/contract-parts.ts";
import { CONTRACT_MAX_LETTERS, deadLettersContract } from "./contract.ts";
import { createMemoryDeadLetters } from "./memory.ts";

deadLettersContract(async () =>
  createMemoryDeadLetters({ sha256, maxPerProject: CONTRACT_MAX_LETTERS }),
);
