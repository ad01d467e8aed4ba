/** An answer other than 2xx, with what our error bodies say; status 0 = no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;

  constructor(status: number, body: unknown) {
    const { detail, code, request_id } = (body ?? {}) as Record<string, unknown>;
    super(typeof detail === "string" ? detail : `the server answered ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = typeof code === "string" ? code : String(status);
    this.requestId = typeof request_id === "string" ? request_id : undefined;
  }
}

/** Worth another try: the server had trouble or was not reached. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 503);
}
