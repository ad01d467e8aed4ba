import { embeddingProviderContract } from "./contract.ts";
import { createMemoryEmbeddingProvider } from "./memory.ts";

embeddingProviderContract("memory", async () => ({
  provider: createMemoryEmbeddingProvider(),
  close: async () => undefined,
}));
