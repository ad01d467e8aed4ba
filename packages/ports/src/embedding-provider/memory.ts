import { deriveVector } from "@signalpath/domain";

import { RefusedError } from "../errors.ts";
import type { EmbeddingProvider } from "./port.ts";

/** Vectors by hashing words: no learning, no service. Texts that share words point the same way. */
export function createMemoryEmbeddingProvider(dimensions = 32): EmbeddingProvider {
  return {
    model: "memory-hash",
    dimensions,
    async embed(texts, { signal, onFraction } = {}) {
      signal?.throwIfAborted();
      if (texts.some((text) => text.trim() === "")) {
        throw new RefusedError("a text of nothing has no vector");
      }
      const vectors = texts.map((text) =>
        Float32Array.from(deriveVector({ title: text, tags: [] }, dimensions)),
      );
      onFraction?.(1);
      return vectors;
    },
    async check() {
      // Nothing to reach.
    },
  };
}
