import { modelFilesContract } from "./contract.ts";
import { createMemoryModelFiles } from "./memory.ts";

modelFilesContract(async () => {
  const files = createMemoryModelFiles();
  return { reader: files, writer: files };
});
