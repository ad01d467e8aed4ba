export { decodeEmbedding, EMBEDDING_KIND, encodeEmbedding } from "./codec.ts";
export { createLiveEmbeddings } from "./live/live-embeddings.ts";
export {
  embeddingParameterIssues,
  readEmbeddingParameters,
  type EmbeddingParameters,
} from "./parameters.ts";
export { trainEmbedding, type KnownVectors } from "./train-embedding.ts";
export type { Embedding } from "./types.ts";
export { createItemPlaces } from "./vector-of.ts";
