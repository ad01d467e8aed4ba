import { printFacts, printTable, type Io } from "../../io.ts";
import type { PipelineReport } from "./evaluate-pipeline.ts";
import type { TrainedReport } from "./trained/evaluate-trained.ts";

const digits = (value: number | undefined) => (value ?? 0).toFixed(4);
const range = ([low, high]: [number, number] = [0, 0]) => `${digits(low)} .. ${digits(high)}`;

/** What people of a running system were shown, and what a walk through it found, in tables of at most 80 columns. */
export function printPipeline(io: Io, report: PipelineReport): void {
  printFacts(io, [
    ["data", `${report.rows} rows, ${report.users} people, ${report.items} items`],
    ["system", report.url ?? "a standalone of its own"],
    ...(report.steps === 0
      ? []
      : [
          ["asked", `${report.steps} times, about ${report.people} people`] as const,
          ["models that were late", report.late] as const,
        ]),
    ["seconds", report.seconds.toFixed(1)],
  ]);
  if (report.trained !== undefined) printTrained(io, report.trained);
  if (report.steps > 0) printWalk(io, report);
}

function printWalk(io: Io, report: PipelineReport): void {
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

/** Facts of the model that was live, as names and values. */
export function trainedFacts(trained: TrainedReport): (readonly [string, string | number])[] {
  const { split, versions, kind, parameters } = trained;
  return [
    ["split", `B: ${split.train_rows} to take in, ${split.test_rows} held out`],
    ["people asked", `${split.test_users} (${split.cold_users} more had nothing to take in)`],
    ["model", `${kind}${JSON.stringify(parameters)}`],
    ["trained on the archive", `${versions.archive.data_rows} rows`],
    ["trained on the file", `${versions.file.data_rows} rows`],
    ["taken in, s", trained.ingest_seconds.toFixed(1)],
    ["until all models stood, s", trained.settle_seconds.toFixed(1)],
    ["models that were late", trained.late],
  ];
}

function printTrained(io: Io, trained: TrainedReport): void {
  printFacts(io, trainedFacts(trained));
  printTable(
    io,
    ["list of 20", "ndcg@10", "ndcg@20", "95 % interval", "recall@20", "of trainer"],
    trained.lists.map(({ name, metrics, intervals, share }) => [
      name,
      digits(metrics["ndcg@10"]),
      digits(metrics["ndcg@20"]),
      range(intervals["ndcg@20"]),
      digits(metrics["recall@20"]),
      `${(share["ndcg@20"] ?? 0).toFixed(1)} %`,
    ]),
  );
  printTable(
    io,
    ["list", "against", "ndcg@20 more by", "95 % interval", "verdict"],
    trained.differences.map(({ first, second, mean, interval, verdict }) => [
      first,
      second,
      digits(mean),
      range(interval),
      verdict,
    ]),
  );
}
