/** One sample of the Prometheus text format. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Reads the text format of Prometheus; comments and what is no sample are left out. */
export function readMetrics(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const number = value === "+Inf" ? Infinity : Number(value);
    return [
      { name, labels: Object.fromEntries(pairs.map(([, key, of]) => [key, of])), value: number },
    ];
  });
}

/** How a feature was read and computed, from the counters of the process that answers. */
export interface FeatureHealth {
  reads: number;
  /** Of the reads, in [0, 1]; undefined = none yet. */
  fallbackShare: number | undefined;
  staleShare: number | undefined;
  computed: number;
}

export function healthOf(samples: readonly Sample[], feature: string): FeatureHealth {
  const sum = (name: string, labels: Record<string, string> = {}) =>
    samples
      .filter((sample) => sample.name === name && sample.labels["feature"] === feature)
      .filter((sample) => Object.entries(labels).every(([key, of]) => sample.labels[key] === of))
      .reduce((total, { value }) => total + value, 0);
  const reads = sum("feature_reads_total");
  const share = (result: string) =>
    reads === 0 ? undefined : sum("feature_reads_total", { result }) / reads;
  return {
    reads,
    fallbackShare: share("fallback"),
    staleShare: share("stale"),
    computed: sum("feature_recompute_total", { result: "saved" }),
  };
}

/** Ten bins of equal width over [0, 1]; 1 belongs to the last. */
export function spreadOf(values: readonly number[]): { label: string; count: number }[] {
  const bins = Array.from({ length: 10 }, (_, at) => ({ label: `${at / 10}`, count: 0 }));
  for (const value of values) {
    const bin = bins[Math.min(9, Math.max(0, Math.floor(value * 10)))];
    if (bin !== undefined) bin.count++;
  }
  return bins;
}
