import { createTracing, type Tracing } from "./tracing.ts";

/** Spans that wait for their sending; more are dropped. */
const MAX_QUEUE = 2_048;

export interface OpenTracing extends Tracing {
  /** Sends what is left. */
  close(): Promise<void>;
}

/**
 * Traces that are sent to an OpenTelemetry collector by OTLP over HTTP. Without an endpoint nothing
 * is recorded, and nothing of the exporter is loaded.
 * @param endpoint base URL; `/v1/traces` is appended.
 */
export async function openTracing(options: {
  service: string;
  version: string;
  endpoint: string | undefined;
}): Promise<OpenTracing> {
  const { service, version, endpoint } = options;
  if (endpoint === undefined) return { ...createTracing(), close: async () => undefined };
  const [sdk, exporting, resources] = await Promise.all([
    import("@opentelemetry/sdk-trace-node"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  const exporter = new exporting.OTLPTraceExporter({ url });
  // Not registered as the global one: apps that share a process are handed theirs.
  const provider = new sdk.BasicTracerProvider({
    resource: resources.resourceFromAttributes({
      "service.name": service,
      "service.version": version,
    }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { maxQueueSize: MAX_QUEUE })],
  });
  return { ...createTracing(provider), close: () => provider.shutdown() };
}
