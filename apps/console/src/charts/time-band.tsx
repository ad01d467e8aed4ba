import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";

import { formatNumber, formatTime } from "../ui/format.ts";
import { AXIS, ChartFrame } from "./chart-frame.tsx";
import { SERIES } from "./series.ts";

/** One moment of one course: estimate and, where known, its band. */
export interface BandPoint {
  /** Milliseconds. */
  at: number;
  value: number;
  low?: number;
  high?: number;
}

interface TimeBandProps {
  summary: string;
  /** Courses over the same axis; colours in this order. */
  series: readonly { name: string; points: readonly BandPoint[] }[];
  /** Value a line is drawn at, such as 0 of a lift. */
  reference?: number;
  format?: (value: number) => string;
  height?: number;
}

/** Figures over time, each with the band it lies in. */
export function TimeBand(props: TimeBandProps) {
  const { summary, series, reference, format = formatNumber, height = 260 } = props;
  const rows = rowsOf(series);
  return (
    <ChartFrame
      summary={summary}
      height={height}
      figures={{
        columns: ["time", ...series.map(({ name }) => name)],
        rows: rows.map((row) => [
          formatTime(new Date(row.at)),
          ...series.map((_, index) => figure(row, index, format)),
        ]),
      }}
    >
      <ComposedChart data={rows} margin={{ top: 8, right: 12, bottom: 0, left: 0 }}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          {...AXIS}
          dataKey="at"
          type="number"
          scale="time"
          domain={["dataMin", "dataMax"]}
          tickFormatter={(at: number) => formatTime(new Date(at)).slice(5, 16)}
          minTickGap={40}
        />
        <YAxis {...AXIS} width={56} tickFormatter={(value: number) => format(value)} />
        {reference !== undefined && <ReferenceLine y={reference} stroke="var(--line-strong)" />}
        <Tooltip
          labelFormatter={(at) => formatTime(new Date(Number(at)))}
          formatter={(value) =>
            Array.isArray(value)
              ? value.map((bound) => format(Number(bound))).join(" to ")
              : format(Number(value))
          }
          contentStyle={{ background: "var(--surface)", borderColor: "var(--line)" }}
        />
        {series.flatMap(({ name }, index) => [
          <Area
            key={`${name} band`}
            name={`${name}, band`}
            dataKey={`band${index}`}
            fill={SERIES[index % SERIES.length] ?? ""}
            fillOpacity={0.15}
            stroke="none"
            isAnimationActive={false}
          />,
          <Line
            key={name}
            name={name}
            dataKey={`value${index}`}
            stroke={SERIES[index % SERIES.length] ?? ""}
            strokeWidth={2}
            dot={false}
            isAnimationActive={false}
          />,
        ])}
      </ComposedChart>
    </ChartFrame>
  );
}

interface Row {
  at: number;
  [series: string]: number | [number, number];
}

/** One row a moment, as the chart reads them: `value0`, `band0`, `value1`, ... */
function rowsOf(series: TimeBandProps["series"]): Row[] {
  const rows = new Map<number, Row>();
  series.forEach(({ points }, index) => {
    for (const { at, value, low, high } of points) {
      const row: Row = rows.get(at) ?? { at };
      row[`value${index}`] = value;
      if (low !== undefined && high !== undefined) row[`band${index}`] = [low, high];
      rows.set(at, row);
    }
  });
  return [...rows.values()].sort((a, b) => a.at - b.at);
}

function figure(row: Row, index: number, format: (value: number) => string): string {
  const value = row[`value${index}`];
  const band = row[`band${index}`];
  if (typeof value !== "number") return "";
  return Array.isArray(band)
    ? `${format(value)} (${format(band[0])} to ${format(band[1])})`
    : format(value);
}
