/** Why a run failed, as its row says it; the text is for people. */
export class TrainingError extends Error {
  override name = "TrainingError";
  /** `NO_DATA`, `UPLOAD_GONE`, `MODEL_TOO_LARGE`, ... */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
