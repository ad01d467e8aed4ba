/** What a training or a reading of an embedding refuses. */
export type EmbeddingErrorCode = "NO_CONTENT" | "PARAMETERS_INVALID" | "TENSORS_INVALID";

export class EmbeddingError extends Error {
  readonly code: EmbeddingErrorCode;

  constructor(code: EmbeddingErrorCode, message: string) {
    super(message);
    this.name = "EmbeddingError";
    this.code = code;
  }
}
