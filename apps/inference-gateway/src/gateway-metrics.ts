import { ModelFileError } from "@signalpath/contracts";
import type { ModelCacheEvent } from "@signalpath/model-loader";
import type { Metrics } from "@signalpath/service-kit";

/** Where a list came from, or why there was none. */
export type PredictionResult = "served" | "other_slot" | "popular" | "unknown_user";

export interface GatewayMetrics {
  predicted(route: "model" | "batch" | "project" | "related", result: PredictionResult): void;
  cacheEvent(event: ModelCacheEvent): void;
  /** What is in memory now. */
  resident(models: number, bytes: number): void;
  skipped(): void;
  /** A request that was sampled for a shadow. */
  shadowed(outcome: "compared" | "failed" | "dropped"): void;
}

export function createGatewayMetrics(metrics: Metrics): GatewayMetrics {
  const predictions = metrics.counter(
    "predictions_total",
    "Lists by where they came from; unknown_user: there was none",
    ["route", "result"],
  );
  const events = metrics.counter("model_cache_events_total", "What happened to models in memory", [
    "event",
  ]);
  const loads = metrics.histogram(
    "model_load_duration_seconds",
    "Time to read, verify and decode an artefact",
    ["result"],
  );
  const failures = metrics.counter(
    "model_load_failures_total",
    "Artefacts that were not loaded, by the code of the refusal",
    ["reason"],
  );
  const models = metrics.gauge("models_loaded", "Models in memory");
  const bytes = metrics.gauge("models_loaded_bytes", "Memory they hold");
  const skips = metrics.counter(
    "slot_skips_total",
    "Slots passed over because their model cannot be loaded",
  );
  const shadowed = metrics.counter("shadow_requests_total", "Requests put to shadow slots", [
    "outcome",
  ]);
  return {
    predicted: (route, result) => predictions.inc({ route, result }),
    cacheEvent: (event) => {
      events.inc({ event: event.type });
      if (event.type === "failed") {
        const { error } = event;
        failures.inc({ reason: error instanceof ModelFileError ? error.code : "UNAVAILABLE" });
        loads.observe({ result: "failed" }, event.ms / 1_000);
      } else if (event.type === "loaded" || event.type === "swapped") {
        loads.observe({ result: event.type }, event.ms / 1_000);
      }
    },
    resident: (count, held) => {
      models.set(count);
      bytes.set(held);
    },
    skipped: () => skips.inc(),
    shadowed: (outcome) => shadowed.inc({ outcome }),
  };
}
