import type { Metrics } from "@signalpath/service-kit";

/** Bounds of a training's time, seconds. */
const BUCKETS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];

export type Meters = ReturnType<typeof createMeters>;

/** Every metric of this app. */
export function createMeters(metrics: Metrics) {
  return {
    runs: metrics.counter("training_runs_total", "Training runs by how they ended here", [
      "result",
    ]),
    durations: metrics.histogram(
      "training_duration_seconds",
      "Time one run took here, by how it ended",
      ["result"],
      BUCKETS,
    ),
    running: metrics.gauge("training_running", "Training runs under way in this process"),
    rows: metrics.gauge("training_rows", "Rows of the last training that read its data"),
    lastSuccess: metrics.gauge(
      "training_last_success_timestamp_seconds",
      "When a run last completed here, seconds since 1970",
    ),
    fired: metrics.counter("training_schedules_fired_total", "Schedules that were due", ["result"]),
  };
}
