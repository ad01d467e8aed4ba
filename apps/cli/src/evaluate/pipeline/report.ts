import { printFacts, printTable, type Io } from "../../io.ts";
import type { PipelineReport } from "./evaluate-pipeline.ts";

const digits = (value: number | undefined) => (value ?? 0).toFixed(4);
const range = ([low, high]: [number, number] = [0, 0]) => `${digits(low)} .. ${digits(high)}`;

/** What a walk through a running system found, in tables of at most 80 columns. */
export function printPipeline(io: Io, report: PipelineReport): void {
  printFacts(io, [
    ["data", `${report.rows} rows, ${report.users} people, ${report.items} items`],
    ["system", report.url ?? "a standalone of its own"],
    ["asked", `${report.steps} times, about ${report.people} people`],
    ["models that were late", report.late],
    ["seconds", report.seconds.toFixed(1)],
  ]);
  printTable(
    io,
    ["list", "hr@10", "mrr@10", "ndcg@10", "95 % interval of ndcg@10"],
    report.systems.map(({ name, metrics, intervals }) => [
      name,
      digits(metrics["hr@10"]),
      digits(metrics["mrr@10"]),
      digits(metrics["ndcg@10"]),
      range(intervals["ndcg@10"]),
    ]),
  );
  printTable(
    io,
    ["pipeline against", "ndcg@10 more by", "95 % interval", "verdict"],
    report.differences.map(({ against, mean, interval, verdict }) => [
      against,
      digits(mean),
      range(interval),
      verdict,
    ]),
  );
}
