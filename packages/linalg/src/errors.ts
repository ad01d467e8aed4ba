/**
 * NOT_POSITIVE_DEFINITE: a pivot is 0, negative or no number. NO_MEMORY: an array does not fit.
 * SHAPE_INVALID: arrays are shorter than their shape says.
 */
export type LinalgErrorCode = "NOT_POSITIVE_DEFINITE" | "NO_MEMORY" | "SHAPE_INVALID";

export class LinalgError extends Error {
  override readonly name = "LinalgError";
  readonly code: LinalgErrorCode;
  constructor(code: LinalgErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
