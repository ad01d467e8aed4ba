export { EMBEDDING_KIND, encodeEmbedding } from "./codec.ts";
export { EmbeddingError } from "./errors.ts";
export { createLiveEmbeddings } from "./live/live-embeddings.ts";
export { DEFAULT_DIMENSIONS, trainEmbedding, type KnownVectors } from "./train-embedding.ts";
export { createItemPlaces } from "./vector-of.ts";
