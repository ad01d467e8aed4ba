import { printFacts, printTable, type Io } from "../io.ts";
import type { EvaluationReport } from "./evaluate.ts";

const short = (value: number | undefined) =>
  value === undefined ? "-" : value.toFixed(4).replace(/^(-?)0\./, "$1.");

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
    ["model", "ndcg@20", "95 % interval", "recall@20", "ndcg@10", "map@20"],
    kinds.map(({ name, metrics, intervals }) => [
      name,
      short(metrics["ndcg@20"]),
      (intervals["ndcg@20"] ?? []).map(short).join(" - "),
      short(metrics["recall@20"]),
      short(metrics["ndcg@10"]),
      short(metrics["map@20"]),
    ]),
  );
  printTable(
    io,
    ["model", "validation", "coverage", "novelty", "diversity", "train, s", "ms a user"],
    kinds.map(({ name, validation, metrics, train_seconds, score_ms_per_user }) => [
      name,
      short(validation?.["ndcg@20"]),
      short(metrics["coverage@20"]),
      (metrics["novelty@20"] ?? 0).toFixed(1),
      short(metrics["diversity@10"]),
      train_seconds.toFixed(1),
      score_ms_per_user.toFixed(2),
    ]),
  );
  printKnown(io, report);
  printSegments(io, report);
  printDifferences(io, report);
  for (const { name, parameters } of kinds) {
    io.out(`${name}: ${JSON.stringify(roundedIn(parameters))}\n`);
  }
}

function printKnown(io: Io, { kinds }: EvaluationReport): void {
  const [first] = kinds;
  if (first === undefined) return;
  const { users, unknown_items } = first.known_items;
  io.out(
    `by items alone that the training knew (${users} people; ${unknown_items} items left out)\n`,
  );
  printTable(
    io,
    ["model", "ndcg@20", "95 % interval", "recall@20"],
    kinds.map(({ name, known_items: { metrics, intervals } }) => [
      name,
      short(metrics["ndcg@20"]),
      (intervals["ndcg@20"] ?? []).map(short).join(" - "),
      short(metrics["recall@20"]),
    ]),
  );
}

function printSegments(io: Io, { kinds }: EvaluationReport): void {
  const names = [...new Set(kinds.flatMap((one) => one.segments.map(({ entries }) => entries)))];
  const usersOf = (name: string) =>
    kinds[0]?.segments.find(({ entries }) => entries === name)?.users ?? 0;
  io.out("ndcg@20 by how many items a person was fitted on (people)\n");
  printTable(
    io,
    ["model", ...names.map((name) => `${name} (${usersOf(name)})`)],
    kinds.map(({ name: model, segments }) => [
      model,
      ...names.map((name) => short(segments.find(({ entries }) => entries === name)?.["ndcg@20"])),
    ]),
  );
}

function printDifferences(io: Io, { differences }: EvaluationReport): void {
  if (differences.length === 0) return;
  io.out("ndcg@20, person by person\n");
  printTable(
    io,
    ["model", "against", "it has more by", "95 % interval", "verdict"],
    differences.map(({ first, second, mean, interval, verdict }) => [
      first,
      second,
      short(mean),
      interval.map(short).join(" - "),
      verdict,
    ]),
  );
}

/** Parameters short enough to read; `--json` has all digits. */
export function roundedIn(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(4));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, roundedIn(one)]));
}
