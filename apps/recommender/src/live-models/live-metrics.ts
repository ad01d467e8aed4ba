import type { Kit } from "@signalpath/service-kit";

/** Metrics of the trained models that lists are made with. */
export function createLiveMetrics(metrics: Kit["metrics"]) {
  const loads = metrics.counter(
    "recommend_live_model_events_total",
    "What happened to the trained models in memory",
    ["event"],
  );
  const models = metrics.gauge(
    "recommend_live_models",
    "Projects whose lists are made with a trained model, and those whose newest version failed",
    ["state"],
  );
  return {
    cacheEvent: (event: string) => loads.inc({ event }),
    state(live: number, behind: number) {
      models.set({ state: "live" }, live);
      models.set({ state: "behind" }, behind);
    },
  };
}
