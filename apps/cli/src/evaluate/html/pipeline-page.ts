import type { PipelineReport } from "../pipeline/evaluate-pipeline.ts";
import { trainedFacts } from "../pipeline/report.ts";
import type { TrainedReport } from "../pipeline/trained/evaluate-trained.ts";
import { intervalPlot } from "./interval-plot.ts";
import { digits, escaped, facts, page, table } from "./page.ts";

/** A walk through a running system as a page of its own. */
export function pipelinePage(report: PipelineReport): string {
  return page("Evaluation of the pipeline, event by event", [
    facts([
      ["Data", `${report.rows} rows, ${report.users} people, ${report.items} items`],
      ["System", report.url ?? "a standalone of its own"],
      ["Seconds", report.seconds.toFixed(1)],
      ["Seed", report.seed],
    ]),
    ...(report.trained === undefined ? [] : trainedParts(report.trained)),
    ...(report.steps === 0 ? [] : walkParts(report)),
  ]);
}

function walkParts(report: PipelineReport): string[] {
  const metrics = Object.keys(report.systems[0]?.metrics ?? {});
  return [
    facts([
      ["Asked", `${report.steps} times, about ${report.people} people`],
      ["Models that were late", report.late],
    ]),
    ...metrics.map((metric) => {
      const rows = report.systems.map(({ name, metrics: own, intervals }) => ({
        label: name,
        value: own[metric] ?? 0,
        interval: intervals[metric] ?? ([0, 0] as const),
      }));
      const title = `${metric} of the item that came next`;
      return `<h2>${escaped(metric)}</h2>${intervalPlot(rows, { title })}`;
    }),
    "<h2>Against the others</h2>",
    table(
      "Against the others",
      ["pipeline minus", "ndcg@10", "interval", "verdict on the pipeline"],
      report.differences.map(({ against, mean, interval, verdict }) => [
        against,
        digits(mean),
        interval.map(digits).join(" to "),
        verdict,
      ]),
    ),
  ];
}

function trainedParts(trained: TrainedReport): string[] {
  const { lists, differences } = trained;
  const measures = Object.keys(lists[0]?.metrics ?? {});
  const range = (interval: readonly number[] = []) => interval.map(digits).join(" to ");
  return [
    "<h2>Lists with a trained model live</h2>",
    facts(trainedFacts(trained)),
    ...["ndcg@20", "ndcg@10", "recall@20"].map((metric) => {
      const rows = lists.map(({ name, metrics, intervals }) => {
        const value = metrics[metric] ?? 0;
        return { label: name, value, interval: intervals[metric] ?? ([value, value] as const) };
      });
      return `<h3>${escaped(metric)}</h3>${intervalPlot(rows, { title: `${metric} of the held out part` })}`;
    }),
    table(
      "Share of the trainer's best, percent",
      ["list", "ndcg@10", "ndcg@20", "recall@20"],
      lists.map(({ name, share }) => [
        name,
        ...["ndcg@10", "ndcg@20", "recall@20"].map((metric) => (share[metric] ?? 0).toFixed(1)),
      ]),
    ),
    table(
      "All measures with their intervals",
      ["measure", ...lists.map(({ name }) => name)],
      measures.map((metric) => [
        metric,
        ...lists.map((one) => `${digits(one.metrics[metric])} (${range(one.intervals[metric])})`),
      ]),
    ),
    table(
      "Differences of ndcg@20, person by person",
      ["lists", "difference", "interval", "verdict on the first"],
      differences.map(({ first, second, mean, interval, verdict }) => [
        `${first} - ${second}`,
        digits(mean),
        range(interval),
        verdict,
      ]),
    ),
  ];
}
