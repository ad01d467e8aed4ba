import type { PipelineReport } from "../pipeline/evaluate-pipeline.ts";
import { intervalPlot } from "./interval-plot.ts";
import { digits, escaped, facts, page, table } from "./page.ts";

/** A walk through a running system as a page of its own. */
export function pipelinePage(report: PipelineReport): string {
  const metrics = Object.keys(report.systems[0]?.metrics ?? {});
  return page("Evaluation of the pipeline, event by event", [
    facts([
      ["Data", `${report.rows} rows, ${report.users} people, ${report.items} items`],
      ["System", report.url ?? "a standalone of its own"],
      ["Asked", `${report.steps} times, about ${report.people} people`],
      ["Models that were late", report.late],
      ["Seconds", report.seconds.toFixed(1)],
      ["Seed", report.seed],
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
  ]);
}
