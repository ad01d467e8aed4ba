import type { Verdict } from "@signalpath/contracts";
import type { Metrics } from "@signalpath/service-kit";

/** What this app counts. Labels are verdicts and results, never ids. */
export interface IngestMetrics {
  judged(result: Verdict | "unavailable" | "bot", count?: number): void;
  published(result: "stored" | "duplicate" | "failed", seconds: number): void;
  clamped(): void;
  /** The archive could not say whether old events are known; they counted as new. */
  lookUpFailed(): void;
}

export function createIngestMetrics(metrics: Metrics): IngestMetrics {
  const events = metrics.counter("ingest_events_total", "Events by verdict", ["result"]);
  const bots = metrics.counter("ingest_bot_events_total", "Accepted events of bots");
  const publishes = metrics.histogram(
    "bus_publish_duration_seconds",
    "Time until the bus has stored a message",
    ["result"],
  );
  const skewed = metrics.counter(
    "clock_skew_clamped_total",
    "Events whose clock ran over 5 minutes ahead",
  );
  const unchecked = metrics.counter(
    "ingest_duplicate_lookup_failures_total",
    "Look-ups of old events that the archive could not answer",
  );
  return {
    judged: (result, count = 1) =>
      result === "bot" ? bots.inc(count) : events.inc({ result }, count),
    published: (result, seconds) => publishes.observe({ result }, seconds),
    clamped: () => skewed.inc(),
    lookUpFailed: () => unchecked.inc(),
  };
}
