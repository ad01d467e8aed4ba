import type { ReactElement, ReactNode } from "react";
import { ResponsiveContainer } from "recharts";

import { strings } from "../strings.ts";

/** Text alternative: the figures a chart draws, as a table. */
export interface ChartFigures {
  columns: readonly string[];
  rows: readonly (readonly ReactNode[])[];
}

interface ChartFrameProps {
  /** What the chart says, in one sentence with its figures; read instead of the drawing. */
  summary: string;
  figures?: ChartFigures;
  /** Pixels; kept free from the start. */
  height?: number;
  children: ReactElement;
}

/** Frame of every chart: fixed height, a sentence for those who cannot see it, its figures as a table. */
export function ChartFrame({ summary, figures, height = 220, children }: ChartFrameProps) {
  return (
    <figure className="stack">
      <div className="chart" role="img" aria-label={summary} style={{ height }}>
        <ResponsiveContainer width="100%" height={height}>
          {children}
        </ResponsiveContainer>
      </div>
      {figures !== undefined && (
        <details className="small">
          <summary>{strings.chartTable}</summary>
          <table className="table">
            <thead>
              <tr>
                {figures.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {figures.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, column) => (
                    <td key={column}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </figure>
  );
}

/** Axis props all charts share. */
export const AXIS = { stroke: "var(--line-strong)", tickLine: false, fontSize: 12 } as const;
