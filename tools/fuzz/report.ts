import { lineOf, textOf, type DoorName } from "./case.ts";
import type { Failure } from "./run.ts";
import type { Tally } from "./tally.ts";

/** What a run at one door cost. */
export interface Figures {
  door: DoorName;
  seconds: number;
  tally: Tally;
  /** Exceptions and rejections nobody caught. */
  crashes: number;
  heapMb: { before: number; after: number };
  rssGrowthMb: number;
  loopDelayMs: { p99: number; max: number };
}

const COLUMNS = [
  "door",
  "bodies",
  "by status",
  "5xx",
  "unanswered",
  "crashes",
  "heap MB before -> after GC",
  "RSS growth MB",
  "event loop p99 / max ms",
  "s",
];

/** The runs as one Markdown table. */
export function tableOf(runs: readonly Figures[]): string {
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  const lines = runs.map(({ door, seconds, tally, crashes, heapMb, rssGrowthMb, loopDelayMs }) =>
    row([
      door,
      tally.bodies,
      [...tally.byStatus]
        .sort(([a], [b]) => a - b)
        .map(([status, n]) => `${status}: ${n}`)
        .join(", "),
      [...tally.byStatus].filter(([status]) => status >= 500).reduce((sum, [, n]) => sum + n, 0),
      tally.unanswered,
      crashes,
      `${heapMb.before.toFixed(0)} -> ${heapMb.after.toFixed(0)}`,
      rssGrowthMb.toFixed(0),
      `${loopDelayMs.p99.toFixed(0)} / ${loopDelayMs.max.toFixed(0)}`,
      seconds.toFixed(0),
    ]),
  );
  return [row(COLUMNS), row(COLUMNS.map(() => "---")), ...lines].join("\n");
}

/** Codes of refusals and verdicts of all runs, the most frequent first. */
export function codesOf(runs: readonly Figures[]): string {
  const sum = new Map<string, number>();
  for (const { tally } of runs) {
    for (const [code, n] of tally.byCode) sum.set(code, (sum.get(code) ?? 0) + n);
  }
  return [...sum]
    .sort(([, a], [, b]) => b - a)
    .map(([code, n]) => `${code} ${n}`)
    .join(", ");
}

/** A failure with what it takes to see it again. */
export function failureText({ case: one, flaws, seed }: Failure): string {
  const what = flaws.map((flaw) => `- ${flaw}`).join("\n");
  const line = lineOf(one);
  const again =
    line.length > 100_000 ? "the case is too long for a command line" : `pnpm fuzz --case ${line}`;
  return `seed ${seed}, smallest case:\n${textOf(one)}\n${what}\nagain: ${again}`;
}
