import type { Subject } from "@signalpath/contracts";
import type { Bus } from "@signalpath/ports";
import { publishTraced, type HeaderValues, type Kit, type Tracing } from "@signalpath/service-kit";

/**
 * Tells caches of a committed change. Never fails the call: the change stands, and whoever keeps a
 * cache re-reads its table.
 */
export type Announce = <T>(
  subject: Subject<T>,
  payload: T,
  traceHeaders: HeaderValues,
) => Promise<void>;

export function createAnnounce(
  bus: Pick<Bus, "publish">,
  tracing: Tracing,
  { logger, metrics }: Pick<Kit, "logger" | "metrics">,
): Announce {
  const outcomes = metrics.counter("announcements_total", "Committed changes told on the bus", [
    "subject",
    "outcome",
  ]);
  return async (subject, payload, traceHeaders) => {
    try {
      await publishTraced(bus, tracing, subject, payload, { traceHeaders });
      outcomes.inc({ subject: subject.name, outcome: "published" });
    } catch (error) {
      outcomes.inc({ subject: subject.name, outcome: "failed" });
      logger.warn(
        { err: error, subject: subject.name },
        "a committed change was not announced; caches see it at their next reading",
      );
    }
  };
}
