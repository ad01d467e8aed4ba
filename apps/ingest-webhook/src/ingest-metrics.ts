import type { Verdict } from "@signalpath/contracts";
import type { Metrics } from "@signalpath/service-kit";

/** What this app counts. Labels are verdicts and results, never ids. */
export interface IngestMetrics {
  /** @param source name of the key's source; an API key without one counts as `api`. */
  judged(source: string | undefined, result: Verdict | "unavailable", count?: number): void;
  /** An accepted event of a bot. */
  bot(): void;
  /** A publish begins; the answer is called when it has ended. */
  publishing(): (result: "stored" | "duplicate" | "failed") => void;
  /** Put aside for this reason. */
  deadLettered(code: string): void;
  clamped(): void;
  /** The archive could not say whether old events are known; they counted as new. */
  lookUpFailed(): void;
}

export function createIngestMetrics(metrics: Metrics): IngestMetrics {
  const events = metrics.counter("ingest_events_total", "Events by verdict", ["source", "result"]);
  const bots = metrics.counter("ingest_bot_events_total", "Accepted events of bots");
  const publishes = metrics.histogram(
    "bus_publish_duration_seconds",
    "Time until the bus has stored a message",
    ["result"],
  );
  const inFlight = metrics.gauge("bus_publish_inflight", "Messages on their way to the bus");
  const letters = metrics.counter("dlq_added_total", "Messages put aside", ["reason"]);
  const skewed = metrics.counter(
    "clock_skew_clamped_total",
    "Events whose clock ran over 5 minutes ahead",
  );
  const unchecked = metrics.counter(
    "ingest_duplicate_lookup_failures_total",
    "Look-ups of old events that the archive could not answer",
  );
  return {
    judged: (source = "api", result, count = 1) => events.inc({ source, result }, count),
    bot: () => bots.inc(),
    publishing() {
      const startedAt = performance.now();
      inFlight.inc();
      return (result) => {
        inFlight.dec();
        publishes.observe({ result }, (performance.now() - startedAt) / 1_000);
      };
    },
    deadLettered: (code) => letters.inc({ reason: code }),
    clamped: () => skewed.inc(),
    lookUpFailed: () => unchecked.inc(),
  };
}
