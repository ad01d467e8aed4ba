import { printFacts, printTable, type Io } from "../io.ts";
import type { EvaluationReport } from "./evaluate.ts";

const short = (value: number | undefined) =>
  value === undefined ? "-" : value.toFixed(4).replace(/^0\./, ".");

/** What an evaluation found, as tables of at most 80 columns. */
export function printEvaluation(io: Io, report: EvaluationReport): void {
  const { split, kinds } = report;
  printFacts(io, [
    ["data", `${report.rows} rows, ${report.users} people, ${report.items} items`],
    ["split", `${split.name}: ${split.train_rows} to fit on, ${split.test_rows} held out`],
    ["people asked", `${split.test_users} (${split.cold_users} more had nothing to fit on)`],
    ["seed", report.seed],
  ]);
  printTable(
    io,
    ["kind", "ndcg@20", "95 % interval", "recall@20", "ndcg@10", "map@20"],
    kinds.map(({ kind, metrics, intervals }) => [
      kind,
      short(metrics["ndcg@20"]),
      (intervals["ndcg@20"] ?? []).map(short).join(" - "),
      short(metrics["recall@20"]),
      short(metrics["ndcg@10"]),
      short(metrics["map@20"]),
    ]),
  );
  printTable(
    io,
    ["kind", "validation", "coverage@20", "novelty, bits", "train, s", "ms a user"],
    kinds.map(({ kind, validation, metrics, train_seconds, score_ms_per_user }) => [
      kind,
      short(validation?.["ndcg@20"]),
      short(metrics["coverage@20"]),
      (metrics["novelty@20"] ?? 0).toFixed(1),
      train_seconds.toFixed(1),
      score_ms_per_user.toFixed(2),
    ]),
  );
  const names = [...new Set(kinds.flatMap((one) => one.segments.map(({ entries }) => entries)))];
  const usersOf = (name: string) =>
    kinds[0]?.segments.find(({ entries }) => entries === name)?.users ?? 0;
  io.out("ndcg@20 by how many items a person was fitted on (people)\n");
  printTable(
    io,
    ["kind", ...names.map((name) => `${name} (${usersOf(name)})`)],
    kinds.map(({ kind, segments }) => [
      kind,
      ...names.map((name) => short(segments.find(({ entries }) => entries === name)?.["ndcg@20"])),
    ]),
  );
  for (const { kind, parameters } of kinds) {
    io.out(`${kind}: ${JSON.stringify(roundedIn(parameters))}\n`);
  }
}

/** Parameters short enough to read; `--json` has all digits. */
function roundedIn(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(4));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, roundedIn(one)]));
}
