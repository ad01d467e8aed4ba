import { LinalgError } from "@signalpath/linalg";

/** Why something was refused. */
export type ModelErrorCode =
  /** Training, or the model, would need more memory than it may have. Nothing was allocated. */
  | "MODEL_TOO_LARGE"
  /** The model was not trained with this user: score by seed items instead. */
  | "UNKNOWN_USER"
  /** The model knows none of the seed items. */
  | "UNKNOWN_SEEDS"
  /** The model does not know this item. */
  | "UNKNOWN_ITEM"
  | "TOO_MANY_ROWS"
  | "INTERACTIONS_INVALID"
  | "PARAMETERS_INVALID"
  /** No kind of this name is in the registry. */
  | "KIND_UNKNOWN"
  /** Nothing to train on, or nothing that could be fitted. */
  | "NO_DATA"
  /** A matrix that must be positive definite is not, as far as its numbers can tell. */
  | "NOT_POSITIVE_DEFINITE"
  /** Tensors of an artefact that do not fit each other or their kind. */
  | "TENSORS_INVALID";

/** A refusal with a code; a cancelled training throws the reason of its signal instead. */
export class ModelError extends Error {
  override name = "ModelError";
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

const MODEL_CODES = {
  NOT_POSITIVE_DEFINITE: "NOT_POSITIVE_DEFINITE",
  NO_MEMORY: "MODEL_TOO_LARGE",
  SHAPE_INVALID: "TENSORS_INVALID",
} as const;

/** A failure of the arithmetic as a refusal of this package; anything else as it is. */
export function asModelError(error: unknown): unknown {
  if (!(error instanceof LinalgError)) return error;
  return new ModelError(MODEL_CODES[error.code], error.message, { cause: error });
}
