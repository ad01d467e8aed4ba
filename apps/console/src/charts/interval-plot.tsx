import {
  CartesianGrid,
  ErrorBar,
  ReferenceLine,
  Scatter,
  ScatterChart,
  XAxis,
  YAxis,
} from "recharts";

import { formatNumber } from "../ui/format.ts";
import { AXIS, ChartFrame } from "./chart-frame.tsx";
import { SERIES } from "./series.ts";

/** One estimate with its interval. */
export interface IntervalRow {
  label: string;
  value: number;
  low: number;
  high: number;
}

interface IntervalPlotProps {
  summary: string;
  /** From top to bottom. */
  rows: readonly IntervalRow[];
  /** Where "no difference" lies. */
  reference?: number;
  format?: (value: number) => string;
}

const ROW_PX = 44;

/** Estimates as points with their intervals as lines, one below the other. */
export function IntervalPlot({
  summary,
  rows,
  reference,
  format = formatNumber,
}: IntervalPlotProps) {
  const points = rows.map(({ label, value, low, high }) => ({
    label,
    value,
    reach: [value - low, high - value],
  }));
  const reach = rows.flatMap(({ low, high }) => [low, high]);
  if (reference !== undefined) reach.push(reference);
  return (
    <ChartFrame
      summary={summary}
      height={rows.length * ROW_PX + 40}
      figures={{
        columns: ["", "estimate", "low", "high"],
        rows: rows.map(({ label, value, low, high }) => [
          label,
          format(value),
          format(low),
          format(high),
        ]),
      }}
    >
      <ScatterChart margin={{ top: 8, right: 16, bottom: 0, left: 0 }}>
        <CartesianGrid horizontal={false} stroke="var(--line)" />
        <XAxis
          {...AXIS}
          type="number"
          dataKey="value"
          domain={[Math.min(...reach), Math.max(...reach)]}
          tickFormatter={(value: number) => format(value)}
        />
        <YAxis
          {...AXIS}
          type="category"
          dataKey="label"
          width={120}
          reversed
          allowDuplicatedCategory={false}
        />
        {reference !== undefined && (
          <ReferenceLine x={reference} stroke="var(--line-strong)" strokeDasharray="4 3" />
        )}
        <Scatter data={points} fill={SERIES[0] ?? ""} isAnimationActive={false}>
          <ErrorBar
            dataKey="reach"
            direction="x"
            stroke={SERIES[0] ?? ""}
            strokeWidth={2}
            width={6}
            isAnimationActive={false}
          />
        </Scatter>
      </ScatterChart>
    </ChartFrame>
  );
}
