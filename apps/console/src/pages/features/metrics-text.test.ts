import { describe, expect, it } from "vitest";

import { healthOf, readMetrics, spreadOf } from "./metrics-text.ts";

const TEXT = `# HELP feature_reads_total Reads
# TYPE feature_reads_total counter
feature_reads_total{feature="a",result="fresh"} 6
feature_reads_total{feature="a",result="fallback"} 2
feature_reads_total{feature="b",result="fresh"} 1
feature_recompute_total{feature="a",result="saved"} 5
feature_recompute_total{feature="a",result="failed"} 9
up 1
x_bucket{le="+Inf"} +Inf
`;

describe("readMetrics", () => {
  it("reads samples with and without labels and leaves comments out", () => {
    const samples = readMetrics(TEXT);
    expect(samples).toHaveLength(7);
    expect(samples.at(-2)).toEqual({ name: "up", labels: {}, value: 1 });
    expect(samples.at(-1)).toEqual({ name: "x_bucket", labels: { le: "+Inf" }, value: Infinity });
  });
});

describe("healthOf", () => {
  it("takes the counters of one feature", () => {
    expect(healthOf(readMetrics(TEXT), "a")).toEqual({
      reads: 8,
      fallbackShare: 0.25,
      staleShare: 0,
      computed: 5,
    });
  });

  it("knows no share of nothing", () => {
    const { reads, fallbackShare } = healthOf([], "a");
    expect([reads, fallbackShare]).toEqual([0, undefined]);
  });
});

describe("spreadOf", () => {
  it("puts both ends into bins", () => {
    const counts = spreadOf([0, 0.05, 0.55, 1]).map(({ count }) => count);
    expect(counts).toEqual([2, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  });
});
