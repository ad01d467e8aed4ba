/** One line of docs/benchmarks.md. */
export interface Row {
  job: string;
  ours: string;
  limit: string;
  ratio: string;
  goal: string;
}

export function round(value: number, digits = 0): string {
  return value.toFixed(digits);
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}

/** Value below which `share` of the sorted list lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return sorted[Math.max(0, rank)] ?? Number.NaN;
}

export function markdown(rows: readonly Row[]): string {
  return [
    "| job | ours | limit beside it | ours / limit | goal |",
    "|---|---|---|---|---|",
    ...rows.map(
      (row) => `| ${row.job} | ${row.ours} | ${row.limit} | ${row.ratio} | ${row.goal} |`,
    ),
  ].join("\n");
}
