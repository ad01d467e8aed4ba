import { ServiceError } from "@signalpath/contracts";
import { Cron } from "croner";

/**
 * The first moment after `afterMs` that a cron expression of five fields names, in UTC; undefined
 * when there is none.
 * @throws ServiceError VALIDATION_FAILED for an expression that is none.
 */
export function nextCronRun(expression: string, afterMs: number): string | undefined {
  try {
    // The library takes a date as well.
    if (expression.trim().split(/\s+/).length !== 5) throw new TypeError("not five fields");
    const cron = new Cron(expression, { mode: "5-part", timezone: "UTC" });
    return cron.nextRun(new Date(afterMs))?.toISOString();
  } catch (cause) {
    throw new ServiceError("VALIDATION_FAILED", "the request is not valid", {
      cause,
      issues: [{ path: "cron_expression", message: "not a cron expression of five fields" }],
    });
  }
}
