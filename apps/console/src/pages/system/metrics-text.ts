/** One sample of the text format of Prometheus. */
export interface Sample {
  name: string;
  /** `{a="b"}` as it was written, empty without labels. */
  labels: string;
  value: number;
}

/** What tells of caches, queues and memory, by the names apps give their metrics. */
const SHOWN = [
  /^process_resident_memory_bytes$/,
  /^nodejs_eventloop_lag_p99_seconds$/,
  /^bus_publish_inflight$/,
  /^dlq_messages$/,
  /^live_clients$/,
  /(^|_)cache(d|_|$)/,
  /^inference_loaded_models$/,
];

/** Samples that the System page shows, in the order of the text. */
export function readMetrics(text: string): Sample[] {
  return text.split("\n").flatMap((line): Sample[] => {
    const [, name = "", labels = "", value = ""] =
      /^([A-Za-z_:][\w:]*)(\{.*\})? (\S+)$/.exec(line) ?? [];
    if (!SHOWN.some((pattern) => pattern.test(name)) || name.endsWith("_bucket")) return [];
    const number = Number(value);
    return Number.isFinite(number) ? [{ name, labels, value: number }] : [];
  });
}

/** Bytes and seconds with their unit, other figures as they are. */
export function writeSample({ name, value }: Pick<Sample, "name" | "value">): string {
  if (name.endsWith("_bytes")) return `${(value / 1_048_576).toFixed(1)} MiB`;
  if (name.endsWith("_seconds")) return `${(value * 1_000).toFixed(1)} ms`;
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(3);
}
