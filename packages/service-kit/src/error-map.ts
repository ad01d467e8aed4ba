import { ServiceError, type ErrorBody } from "@signalpath/contracts";
import { BusFullError, RefusedError, UnavailableError } from "@signalpath/ports";
import { ZodError } from "zod";

/** Seconds a client is told to wait when a dependency is down. */
const RETRY_AFTER_SECONDS = 5;

/** Anything thrown, as the error an HTTP edge answers with. Unknown things become INTERNAL. */
export function toServiceError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  if (thrown instanceof BusFullError) {
    return new ServiceError("BUS_FULL", "the backlog is full, try again later", {
      cause: thrown,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  if (thrown instanceof UnavailableError) {
    const code = thrown.dependency === "nats" ? "BUS_UNAVAILABLE" : "STORE_UNAVAILABLE";
    return new ServiceError(code, `${thrown.dependency} is unavailable`, {
      cause: thrown,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  if (thrown instanceof RefusedError) {
    return new ServiceError("VALIDATION_FAILED", thrown.message, { cause: thrown });
  }
  if (thrown instanceof ZodError) {
    return new ServiceError("VALIDATION_FAILED", "the request is not valid", {
      issues: thrown.issues.map((issue) => ({
        path: issue.path.map(String).join("."),
        message: issue.message,
      })),
    });
  }
  return new ServiceError("INTERNAL", "internal error", { cause: thrown });
}

/** Body of an error answer. */
export function errorBodyOf(error: ServiceError, requestId: string): ErrorBody {
  return {
    detail: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.issues === undefined ? {} : { errors: [...error.issues] }),
  };
}
