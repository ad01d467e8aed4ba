/**
 * Every stable code and the HTTP status it answers with. A code never changes its meaning;
 * `retryable` marks our own trouble: the same request may succeed later.
 */
export const ERROR_CODES = {
  MALFORMED_JSON: { status: 400 },
  UNSUPPORTED_BODY: { status: 400 },
  UNSUPPORTED_ENCODING: { status: 415 },
  BODY_TOO_LARGE: { status: 413 },
  VALIDATION_FAILED: { status: 422 },
  UNSAFE_BODY: { status: 422 },
  KEY_REQUIRED: { status: 401 },
  KEY_INVALID: { status: 401 },
  KEY_EXPIRED: { status: 401 },
  SCOPE_MISSING: { status: 403 },
  FOREIGN_PROJECT: { status: 403 },
  FOREIGN_SLOT: { status: 403 },
  USER_ERASED: { status: 403 },
  NOT_FOUND: { status: 404 },
  USER_MODEL_NOT_FOUND: { status: 404 },
  ITEM_NOT_FOUND: { status: 404 },
  PROJECT_NOT_FOUND: { status: 404 },
  KEY_NOT_FOUND: { status: 404 },
  EXPERIMENT_NOT_FOUND: { status: 404 },
  AB_TEST_NOT_FOUND: { status: 404 },
  MODEL_NOT_FOUND: { status: 404 },
  NO_ACTIVE_SLOTS: { status: 404 },
  USER_NOT_IN_MODEL: { status: 404 },
  METHOD_NOT_ALLOWED: { status: 405 },
  CONFLICT: { status: 409 },
  EXPERIMENT_RUNNING: { status: 409 },
  AB_TEST_STATE: { status: 400 },
  IDEMPOTENCY_KEY_REUSED: { status: 422 },
  MODEL_FILE_REFUSED: { status: 422 },
  MODEL_KIND_NOT_SERVED: { status: 422 },
  VECTOR_DIMENSIONS: { status: 422 },
  RANKING_MODE_UNAVAILABLE: { status: 422 },
  PROMOTION_REFUSED: { status: 409 },
  RATE_LIMITED: { status: 429, retryable: true },
  BUS_UNAVAILABLE: { status: 503, retryable: true },
  BUS_FULL: { status: 503, retryable: true },
  STORE_UNAVAILABLE: { status: 503, retryable: true },
  OVERLOADED: { status: 503, retryable: true },
  DRAINING: { status: 503, retryable: true },
  MODEL_LOAD_FAILED: { status: 503, retryable: true },
  UPSTREAM_UNAVAILABLE: { status: 503, retryable: true },
  INTERNAL: { status: 500 },
} as const satisfies Record<string, { status: number; retryable?: true }>;
export type ErrorCode = keyof typeof ERROR_CODES;

/** Why one item of an ingest request was not stored, or was stored aside. */
export const ITEM_CODES = [
  "UNMAPPED_EVENT",
  "NO_ITEM",
  "IGNORED_TYPE",
  "USER_ERASED",
  "EXPIRED",
  "NO_IDENTITY",
  "NOT_AN_OBJECT",
  "EVENT_TOO_LARGE",
  "TOO_DEEP",
  "INVALID_EVENT",
  "MALFORMED_JSON",
  "UNSAFE_BODY",
] as const;
export type ItemCode = (typeof ITEM_CODES)[number];

/** Why a message of the bus could not be processed. */
export const PROCESSING_CODES = [
  "MALFORMED_JSON",
  "INVALID_EVENT",
  "STORE_REFUSED",
  "HANDLER_FAILED",
] as const;
export type ProcessingCode = (typeof PROCESSING_CODES)[number];

/** One problem of a body: dotted path and what is wrong there. */
export interface Issue {
  path: string;
  message: string;
}

/** Thrown anywhere, mapped once at the edge to `{detail, code, request_id}`. */
export class ServiceError extends Error {
  override name = "ServiceError";
  readonly code: ErrorCode;
  readonly issues: readonly Issue[] | undefined;
  /** Seconds after which a retry makes sense. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; issues?: readonly Issue[]; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.issues = options.issues;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get retryable(): boolean {
    return "retryable" in ERROR_CODES[this.code];
  }
}
