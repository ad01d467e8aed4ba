import type { EvaluationReport, KindReport } from "../evaluate.ts";
import { roundedIn } from "../report.ts";
import { intervalPlot, type PlotRow } from "./interval-plot.ts";
import { digits, escaped, facts, page, table } from "./page.ts";

/** What is plotted, and how it is called. */
const MEASURES = [
  ["ndcg@20", "ndcg@20"],
  ["recall@20", "recall@20"],
  ["map@20", "map@20"],
  ["coverage@20", "coverage@20: share of the catalogue in somebody's list"],
  ["novelty@20", "novelty@20: bits, more for what fewer people have"],
  ["diversity@10", "diversity@10: how unlike the items of one list are"],
] as const;

/** A report as a page of its own: plots, the numbers behind them, parameters. */
export function evaluationPage(report: EvaluationReport): string {
  const { split, kinds, differences } = report;
  return page(`Evaluation: ${kinds.map(({ name }) => name).join(", ")}`, [
    facts([
      ["Data", `${report.rows} rows, ${report.users} people, ${report.items} items`],
      ["Split", `${split.name}: ${split.train_rows} to fit on, ${split.test_rows} held out`],
      ["People asked", `${split.test_users}; ${split.cold_users} more had nothing to fit on`],
      ["Weights", report.weights === "file" ? "as in the file" : "every row counts 1"],
      ["Seed", report.seed],
    ]),
    ...MEASURES.map(([metric, title]) =>
      [`<h2>${escaped(metric)}</h2>`, plotOf(kinds, metric, title)].join(""),
    ),
    allNumbers(kinds),
    ...differencesOf(differences),
    ...knownItems(kinds),
    ...segments(kinds),
    "<h2>Parameters</h2>",
    table(
      "Parameters",
      ["model", "validation ndcg@20", "trials", "train, s", "ms a person"],
      kinds.map(({ name, validation, train_seconds, score_ms_per_user }) => [
        name,
        digits(validation?.["ndcg@20"]),
        validation === undefined ? "-" : String(validation.trials),
        train_seconds.toFixed(1),
        score_ms_per_user.toFixed(2),
      ]),
    ),
    ...kinds.map(
      ({ name, parameters }) =>
        `<p>${escaped(name)}: <code>${escaped(JSON.stringify(roundedIn(parameters)))}</code></p>`,
    ),
  ]);
}

function plotOf(kinds: readonly KindReport[], metric: string, title: string): string {
  const rows = kinds.map(({ name, metrics, intervals }): PlotRow => {
    const value = metrics[metric] ?? 0;
    return { label: name, value, interval: intervals[metric] ?? [value, value] };
  });
  return intervalPlot(rows, { title });
}

function allNumbers(kinds: readonly KindReport[]): string {
  const names = Object.keys(kinds[0]?.metrics ?? {});
  return table(
    "All measures with their intervals",
    ["measure", ...kinds.map(({ name }) => name)],
    names.map((metric) => [
      metric,
      ...kinds.map(({ metrics, intervals }) => within(metrics[metric], intervals[metric])),
    ]),
  );
}

function differencesOf(differences: EvaluationReport["differences"]): string[] {
  if (differences.length === 0) return [];
  const rows = differences.map(({ first, second, mean, interval }) => ({
    label: `${first} - ${second}`,
    value: mean,
    interval,
  }));
  return [
    "<h2>Differences, person by person</h2>",
    intervalPlot(rows, { title: "ndcg@20 of the first minus the second", zero: true }),
    table(
      "Differences",
      ["models", "difference", "interval", "verdict on the first"],
      differences.map(({ first, second, mean, interval, verdict }) => [
        `${first} - ${second}`,
        digits(mean),
        interval.map(digits).join(" to "),
        verdict,
      ]),
    ),
  ];
}

function knownItems(kinds: readonly KindReport[]): string[] {
  const [first] = kinds;
  if (first === undefined) return [];
  const { users, unknown_items } = first.known_items;
  return [
    "<h2>Known items alone</h2>",
    `<p>${unknown_items} held out items stand in nobody's training part: no model here can list them, ` +
      `and above they count as missed. Left out, of ${users} people:</p>`,
    table(
      "Known items alone",
      ["model", "ndcg@20", "recall@20", "map@20"],
      kinds.map(({ name, known_items: { metrics, intervals } }) => [
        name,
        ...["ndcg@20", "recall@20", "map@20"].map((one) => within(metrics[one], intervals[one])),
      ]),
    ),
  ];
}

function segments(kinds: readonly KindReport[]): string[] {
  const names = kinds[0]?.segments.map(({ entries, users }) => ({ entries, users })) ?? [];
  return names.map(({ entries, users }) => {
    const title = `ndcg@20 of the ${users} people with ${entries} items to fit on`;
    const rows = kinds.flatMap(({ name, segments: own }) =>
      own
        .filter((segment) => segment.entries === entries)
        .map((segment) => ({
          label: name,
          value: segment["ndcg@20"],
          interval: segment.interval,
        })),
    );
    return `<h2>People with ${escaped(entries)} items</h2>${intervalPlot(rows, { title })}`;
  });
}

function within(value: number | undefined, interval: readonly number[] = []): string {
  return `${digits(value)} (${interval.map(digits).join(" to ")})`;
}
