import type { Metrics } from "@signalpath/service-kit";

/** Bounds of freshness, seconds. */
const FRESHNESS_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600];
/** Bounds of a processing time, seconds: the OpenTelemetry list for messaging. */
const PROCESS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export type Meters = ReturnType<typeof createMeters>;

/** Every metric of this app. */
export function createMeters(metrics: Metrics) {
  return {
    /** stage: ingest, buffer, model; each from the event's own time. */
    freshness: metrics.histogram(
      "model_freshness_seconds",
      "From the time of an event until it was received (ingest), buffered (buffer), in a saved model (model)",
      ["stage"],
      FRESHNESS_BUCKETS,
    ),
    /** Independent of the sender's clock. */
    delay: metrics.histogram(
      "model_update_delay_seconds",
      "From the arrival of an event until a model with it was saved",
      [],
      FRESHNESS_BUCKETS,
    ),
    refreshes: metrics.counter("model_refresh_total", "Refreshes of user models", ["result"]),
    pending: metrics.gauge("bus_consumer_pending", "Messages not yet delivered", ["consumer"]),
    ackPending: metrics.gauge(
      "bus_consumer_ack_pending",
      "Messages delivered and not acknowledged",
      ["consumer"],
    ),
    oldestAge: metrics.gauge(
      "bus_consumer_oldest_age_seconds",
      "Age of the oldest message that is not acknowledged, as far as this process can tell",
      ["consumer"],
    ),
    redelivered: metrics.counter("bus_consumer_redelivered_total", "Deliveries after the first", [
      "consumer",
    ]),
    deadLettersKept: metrics.gauge("dlq_messages", "Dead letters that wait, by app", ["svc"]),
    deadLetters: metrics.counter("dlq_added_total", "Messages put aside", ["reason"]),
    processing: metrics.histogram(
      "messaging_process_duration_seconds",
      "Time one batch took",
      ["consumer", "result"],
      PROCESS_BUCKETS,
    ),
    events: metrics.counter("updater_events_total", "Signals by what became of them", ["result"]),
    clamped: metrics.counter(
      "clock_skew_clamped_total",
      "Events from the future, clamped to their arrival",
    ),
    circles: metrics.counter("identity_links_dropped_total", "Links that would close a circle"),
    announced: metrics.counter("users_model_updated_total", "Announcements of saved models", [
      "result",
    ]),
    caughtUp: metrics.counter("catch_up_people_total", "People applied again by catch-up"),
    featureRecomputes: metrics.counter(
      "feature_recompute_total",
      "Profile features computed, by whether a newer value stood",
      ["feature", "result"],
    ),
    featureFreshness: metrics.histogram(
      "feature_freshness_seconds",
      "From the time of a person's newest event until the features it invalidates were saved",
      ["feature"],
      FRESHNESS_BUCKETS,
    ),
    neighboursSeconds: metrics.gauge(
      "neighbours_duration_seconds",
      "Time the last neighbour table took",
    ),
  };
}
