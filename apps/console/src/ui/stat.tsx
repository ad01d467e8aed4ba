import type { ReactNode } from "react";

import { strings } from "../strings.ts";

interface StatProps {
  label: string;
  /** Written out by `format.ts`; undefined = not known yet, the place stays. */
  value: string | undefined;
  unit?: string;
  /** Bounds in the same writing, with their level as in `95%`. */
  interval?: { low: string; high: string; level: string };
  note?: ReactNode;
}

/** One figure with its unit and, where it was estimated, its interval. Put several into `Stats`. */
export function Stat({ label, value, unit, interval, note }: StatProps) {
  return (
    <div className="stat">
      <dt>{label}</dt>
      <dd>
        {value ?? "–"}
        {unit !== undefined && <small>{unit}</small>}
      </dd>
      {interval !== undefined && (
        <dd className="stat-note">
          {strings.interval(interval.low, interval.high, interval.level)}
        </dd>
      )}
      {note !== undefined && <dd className="stat-note">{note}</dd>}
    </div>
  );
}

export function Stats({ children }: { children: ReactNode }) {
  return <dl className="stats">{children}</dl>;
}
