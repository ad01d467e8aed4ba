import { Bar, BarChart, CartesianGrid, XAxis, YAxis } from "recharts";

import { formatCount, formatShort } from "../ui/format.ts";
import { AXIS, ChartFrame } from "./chart-frame.tsx";
import { SERIES } from "./series.ts";

interface HistogramProps {
  summary: string;
  /** Bars from left to right, each with the range it stands for. */
  bins: readonly { label: string; count: number }[];
  /** Header of the ranges in the table of figures. */
  unit: string;
  height?: number;
}

/** Counts by range. */
export function Histogram({ summary, bins, unit, height }: HistogramProps) {
  return (
    <ChartFrame
      summary={summary}
      {...(height === undefined ? {} : { height })}
      figures={{
        columns: [unit, "count"],
        rows: bins.map(({ label, count }) => [label, formatCount(count)]),
      }}
    >
      <BarChart data={[...bins]} margin={{ top: 8, right: 8, bottom: 0, left: 0 }}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="label" {...AXIS} interval="preserveStartEnd" />
        <YAxis {...AXIS} width={44} tickFormatter={formatShort} allowDecimals={false} />
        <Bar
          dataKey="count"
          fill={SERIES[0] ?? ""}
          isAnimationActive={false}
          radius={[3, 3, 0, 0]}
        />
      </BarChart>
    </ChartFrame>
  );
}
