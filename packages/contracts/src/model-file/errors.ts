/** Why an artefact was not loaded, or not written. The file on disk is never blamed on the request. */
export const MODEL_FILE_CODES = [
  /** No file at that path. */
  "MODEL_FILE_MISSING",
  /** Larger than the cap; nothing was read. */
  "MODEL_TOO_LARGE",
  /** `..`, absolute, a link, outside the root, or not a regular file. */
  "MODEL_PATH_REFUSED",
  /** The file changed while it was read. */
  "MODEL_FILE_CHANGED",
  /** Not one of our files at all. */
  "MODEL_NOT_AN_ARTEFACT",
  /** A signed pickle of Recotem: genuine, but not data only. */
  "CONVERT_FIRST",
  /** A length says more, or less, than there is. */
  "MODEL_TRUNCATED",
  "MODEL_UNSIGNED",
  "MODEL_ALGORITHM_UNKNOWN",
  "MODEL_KEY_UNKNOWN",
  "MODEL_SIGNATURE_INVALID",
  /** The bytes are not those the catalogue row names. */
  "MODEL_DIGEST_MISMATCH",
  /** Signed by us, but another model, project or version than the row's. */
  "MODEL_MISMATCH",
  "MODEL_HEADER_INVALID",
  /** A tensor out of bounds, overlapping, unaligned or with a hole before it. */
  "MODEL_BOUNDS_INVALID",
  "MODEL_NOT_FINITE",
  /** A table of strings whose offsets, text or order are wrong. */
  "MODEL_STRINGS_INVALID",
  "MODEL_KIND_UNKNOWN",
  /** The kind's own decoder refused the tensors. */
  "MODEL_DECODE_FAILED",
  /** The checks could not be run here: a thread died or there is no memory. */
  "MODEL_CHECK_FAILED",
] as const;
export type ModelFileCode = (typeof MODEL_FILE_CODES)[number];

/** An artefact that was refused. The message never carries a path of the machine. */
export class ModelFileError extends Error {
  override name = "ModelFileError";
  readonly code: ModelFileCode;

  constructor(code: ModelFileCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
