export interface EmbedOptions {
  /** Aborted: `embed` rejects with its reason. */
  signal?: AbortSignal;
  /** Hears the share of the texts that are done, 0..1. */
  onFraction?: (fraction: number) => void;
}

/** Vectors of texts, made by somebody else: a service outside, or a table in a test. */
export interface EmbeddingProvider {
  /** Name of what makes the vectors; those of two names are not comparable. */
  readonly model: string;
  /** Length of every vector. */
  readonly dimensions: number;
  /**
   * One vector a text, in the order given; equal texts get equal vectors. All or nothing.
   * @throws RefusedError: it does not take these texts, or answers what is no vector of this length;
   * UnavailableError: it cannot be asked now.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  /** @throws UnavailableError, RefusedError. */
  check(): Promise<void>;
}
