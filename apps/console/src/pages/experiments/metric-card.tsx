import { IntervalPlot } from "../../charts/interval-plot.tsx";
import { TimeBand } from "../../charts/time-band.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount, formatNumber, formatShare } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { useResults, type Metric } from "./queries.ts";
import { calmPartOf, courseOf, formatLift, formatP, readingsOf } from "./readings.ts";
import { words } from "./strings.ts";

const text = words.metric;
type Comparison = Metric["comparisons"][number];
type Arm = Metric["arms"][number] & { comparison: Comparison | undefined };

const TONES: Readonly<Record<Comparison["verdict"], Tone>> = {
  winner: "good",
  loser: "bad",
  no_difference: "plain",
  withheld: "warn",
  no_answer: "plain",
};

/** One metric: its arms, the three readings of each comparison, the course over time. */
export function MetricCard({ id, metric }: { id: string; metric: Metric }) {
  const role = metric.guardrail ? text.guardrail : text.goal;
  return (
    <Card
      title={metric.name}
      about={text.about(metric.kind, metric.direction, metric.window_hours)}
      actions={<Badge tone={metric.guardrail ? "warn" : "accent"}>{role}</Badge>}
    >
      <Table
        label={`${metric.name}: ${text.columns.arm}`}
        columns={columnsOf(metric)}
        rows={metric.arms.map((arm) => ({
          ...arm,
          comparison: metric.comparisons.find(({ index }) => index === arm.index),
        }))}
        keyOf={(arm) => String(arm.index)}
      />
      {metric.comparisons.map((comparison) => (
        <Readings key={comparison.index} id={id} metric={metric} comparison={comparison} />
      ))}
    </Card>
  );
}

function Readings(props: { id: string; metric: Metric; comparison: Comparison }) {
  const { id, metric, comparison } = props;
  const rows = readingsOf(comparison);
  const results = useResults(id, metric.name);
  return (
    <div className="stack">
      <p>{comparison.summary}</p>
      {rows.length > 0 && (
        <div className="columns columns-2">
          <IntervalPlot
            summary={rows
              .map(({ label, low, high }) => `${label}: ${formatLift(low)} to ${formatLift(high)}`)
              .join("; ")}
            rows={rows}
            reference={0}
            format={formatLift}
          />
          <div className="stack">
            <p className="muted small">{text.over}</p>
            <Loaded query={results} height={260}>
              {({ timeseries }) => (
                <TimeBand
                  summary={text.overSummary(
                    comparison.name,
                    timeseries.length,
                    formatLift(comparison.lift),
                  )}
                  series={[
                    {
                      name: comparison.name,
                      points: calmPartOf(courseOf(timeseries, comparison.index)),
                    },
                  ]}
                  reference={0}
                  format={formatLift}
                  height={200}
                />
              )}
            </Loaded>
          </div>
        </div>
      )}
    </div>
  );
}

function columnsOf(metric: Metric): Column<Arm>[] {
  const mean = (value: number) =>
    metric.kind === "binary" ? formatShare(value, 2) : formatNumber(value, 3);
  const of = (show: (comparison: Comparison) => string) => (arm: Arm) =>
    arm.comparison === undefined ? "" : show(arm.comparison);
  return [
    { id: "arm", header: text.columns.arm, cell: (arm) => arm.name },
    { id: "users", header: text.columns.users, isNumber: true, cell: (arm) => formatCount(arm.n) },
    { id: "mean", header: text.columns.mean, isNumber: true, cell: (arm) => mean(arm.mean) },
    {
      id: "lift",
      header: text.columns.lift,
      isNumber: true,
      cell: of(({ lift, error }) => error ?? formatLift(lift)),
    },
    {
      id: "p",
      header: text.columns.p,
      isNumber: true,
      cell: of(({ always_valid }) => formatP(always_valid.p)),
    },
    {
      id: "chance",
      header: text.columns.chance,
      isNumber: true,
      cell: of(({ bayesian }) => formatShare(bayesian.chance_to_win)),
    },
    {
      id: "verdict",
      header: text.columns.verdict,
      cell: ({ comparison }) =>
        comparison === undefined ? null : (
          <Badge tone={TONES[comparison.verdict]}>{text.verdicts[comparison.verdict]}</Badge>
        ),
    },
  ];
}
