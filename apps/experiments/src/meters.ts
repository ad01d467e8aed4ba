import type { Metrics } from "@signalpath/service-kit";

export type Meters = ReturnType<typeof createMeters>;

/** Metrics of this app. */
export function createMeters(metrics: Metrics) {
  return {
    rows: metrics.counter("experiment_rows_total", "Rows given by HTTP or the bus, by outcome", [
      "kind",
      "door",
      "outcome",
    ]),
    left: metrics.counter(
      "experiment_events_left_total",
      "Events of the bus that name an experiment or slot and became no row",
      ["reason"],
    ),
    observed: metrics.counter(
      "learning_observations_total",
      "Impressions of learned lists that were joined to their list, each once",
      [],
    ),
    signals: metrics.counter(
      "experiment_signals_total",
      "Signals of rows written by HTTP, by outcome",
      ["outcome"],
    ),
    readings: metrics.histogram(
      "experiment_results_seconds",
      "Time to read the sums of an experiment from its rows",
      [],
    ),
  };
}
