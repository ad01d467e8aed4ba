import { catalogueContract } from "./contract.ts";
import { createMemoryCatalogue } from "./memory.ts";

catalogueContract(async () => createMemoryCatalogue());
