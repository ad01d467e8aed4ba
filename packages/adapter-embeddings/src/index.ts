export {
  createHttpEmbeddingProvider,
  type HttpEmbeddingOptions,
} from "./http-embedding-provider.ts";
