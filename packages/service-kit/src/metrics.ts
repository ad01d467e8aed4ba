import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

type Labels = readonly string[];

/**
 * Metrics of one process. A name asked for twice is the same metric, so apps that share a process
 * share a registry; nothing is registered at module level.
 */
export interface Metrics {
  counter(name: string, help: string, labels?: Labels): Counter;
  gauge(name: string, help: string, labels?: Labels): Gauge;
  /** Buckets in the unit of the metric (seconds). */
  histogram(name: string, help: string, labels?: Labels, buckets?: number[]): Histogram;
  /** Prometheus text format. */
  text(): Promise<string>;
  contentType: string;
}

/** Bounds of durations, seconds: the OpenTelemetry semantic conventions' list. */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

export interface MetricsOptions {
  /** process_* and nodejs_* metrics too. */
  defaults?: boolean;
  /** Commit this was built from (`gitShaOf`). */
  sha?: string;
}

export function createMetrics(version: string, options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (options.defaults === true) collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: "build_info",
    help: "1, labelled by version and the commit it was built from",
    labelNames: ["version", "sha"],
    registers: [registry],
  });
  build.set({ version, sha: options.sha ?? "unknown" }, 1);

  function once<T>(name: string, make: () => T): T {
    return (registry.getSingleMetric(name) as T | undefined) ?? make();
  }
  const settings = (name: string, help: string, labels: Labels) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (name, help, labels = []) =>
      once(name, () => new Counter(settings(name, help, labels))),
    gauge: (name, help, labels = []) => once(name, () => new Gauge(settings(name, help, labels))),
    histogram: (name, help, labels = [], buckets = DURATION_BUCKETS) =>
      once(name, () => new Histogram({ ...settings(name, help, labels), buckets })),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
