/** A store or bus could not be reached or refused for now; the same call may succeed later. */
export class UnavailableError extends Error {
  override name = "UnavailableError";
  /** Which dependency: `nats`, `redis`, `postgres`, ... */
  readonly dependency: string;

  constructor(dependency: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.dependency = dependency;
  }
}

/** The bus refuses new messages until its consumers catch up or old messages age out. */
export class BusFullError extends UnavailableError {
  override name = "BusFullError";
}

/** A row the store will never take (a value out of range, a broken reference): retrying is useless. */
export class RefusedError extends Error {
  override name = "RefusedError";
}

/** Something about this deployment must not start; one line a reason. Exit code 78. */
export class ConfigError extends Error {
  override name = "ConfigError";
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super(reasons.join("\n"));
    this.reasons = reasons;
  }
}
