import { createHttpEmbeddingProvider } from "@signalpath/adapter-embeddings";
import { ConfigError, type EmbeddingProvider } from "@signalpath/ports";

/** Settings of a provider of vectors outside. Without a URL there is none. */
export interface EmbeddingSettings {
  EMBEDDINGS_URL?: string | undefined;
  EMBEDDINGS_KEY?: string | undefined;
  EMBEDDINGS_MODEL?: string | undefined;
  EMBEDDINGS_DIMENSIONS?: number | undefined;
}

/**
 * The provider of EMBEDDINGS_URL; undefined without one: then vectors are made here or come with the
 * items. Nothing is sent yet.
 * @throws ConfigError when the URL stands without a model or the length of its vectors.
 */
export function openEmbeddingProvider(settings: EmbeddingSettings): EmbeddingProvider | undefined {
  const { EMBEDDINGS_URL: url, EMBEDDINGS_KEY: key } = settings;
  if (url === undefined) return undefined;
  const { EMBEDDINGS_MODEL: model, EMBEDDINGS_DIMENSIONS: dimensions } = settings;
  if (model === undefined || dimensions === undefined) {
    throw new ConfigError([
      "EMBEDDINGS_URL: EMBEDDINGS_MODEL and EMBEDDINGS_DIMENSIONS are to say what it answers with",
    ]);
  }
  return createHttpEmbeddingProvider(fetch, { url, key, model, dimensions });
}
