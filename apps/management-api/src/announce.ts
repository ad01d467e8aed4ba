import type { Subject } from "@signalpath/contracts";
import type { Bus } from "@signalpath/ports";
import { createTracing, publishTraced, type HeaderValues, type Kit } from "@signalpath/service-kit";

/**
 * Publishes what was committed. Awaited, but never fails the call: the change stands, and whoever
 * keeps a cache re-reads its table every 60 s.
 * @returns false when the bus did not take it.
 */
export type Announce = <T>(
  subject: Subject<T>,
  payload: T,
  options?: { id?: string; traceHeaders?: HeaderValues },
) => Promise<boolean>;

export function createAnnounce(bus: Pick<Bus, "publish">, kit: Kit): Announce {
  const outcomes = kit.metrics.counter("announcements_total", "Committed changes told on the bus", [
    "subject",
    "outcome",
  ]);
  const tracing = kit.tracing ?? createTracing();
  return async (subject, payload, options) => {
    try {
      await publishTraced(bus, tracing, subject, payload, options);
      outcomes.inc({ subject: subject.name, outcome: "published" });
      return true;
    } catch (error) {
      outcomes.inc({ subject: subject.name, outcome: "failed" });
      kit.logger.warn(
        { err: error, subject: subject.name },
        "a committed change was not announced; caches see it at their next reading",
      );
      return false;
    }
  };
}
