/** What a shell learns from a run. Documented in the README of this app. */
export const EXIT = {
  ok: 0,
  /** It ran, but not everything was accepted. */
  incomplete: 1,
  /** Wrong arguments, or a file that cannot be read. */
  usage: 2,
  /** The service refused: key, scope, validation, not found. */
  refused: 3,
  /** The service could not be reached, or was still busy after all retries. */
  unavailable: 4,
  /** Stopped by Ctrl-C; a replay can be resumed. */
  interrupted: 130,
} as const;

/** Something a person can put right; printed as one line, without a stack. */
export class CliError extends Error {
  override name = "CliError";
  readonly exitCode: number;
  /** Stable code of the service, or of this program. */
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(
    code: string,
    message: string,
    exitCode: number,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = exitCode;
    this.details = options.details ?? {};
  }
}

export function usageError(message: string): CliError {
  return new CliError("USAGE", message, EXIT.usage);
}
