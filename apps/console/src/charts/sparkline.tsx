import { Line, LineChart, YAxis } from "recharts";

import { ChartFrame } from "./chart-frame.tsx";
import { SERIES } from "./series.ts";

interface SparklineProps {
  summary: string;
  /** Oldest first. */
  values: readonly number[];
  height?: number;
}

/** The course of one figure without axes. */
export function Sparkline({ summary, values, height = 48 }: SparklineProps) {
  return (
    <ChartFrame summary={summary} height={height}>
      <LineChart
        data={values.map((value) => ({ value }))}
        margin={{ top: 4, right: 4, bottom: 4, left: 4 }}
      >
        <YAxis hide domain={[0, "dataMax"]} />
        <Line
          dataKey="value"
          stroke={SERIES[0] ?? ""}
          strokeWidth={2}
          dot={false}
          isAnimationActive={false}
        />
      </LineChart>
    </ChartFrame>
  );
}
