import type { LiveSecond } from "@signalpath/contracts";

import { Histogram } from "../../charts/histogram.tsx";
import { Sparkline } from "../../charts/sparkline.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Table, type Column } from "../../ui/table.tsx";
import { freshnessOf, sumOf, type LiveState } from "./live-state.ts";
import { words } from "./strings.ts";

type Lag = LiveSecond["lag"][number];

const LAG: readonly Column<Lag>[] = [
  { id: "consumer", header: words.lagColumns.consumer, cell: ({ consumer }) => consumer },
  {
    id: "pending",
    header: words.lagColumns.pending,
    cell: ({ pending }) => formatCount(pending),
    isNumber: true,
  },
  {
    id: "unacked",
    header: words.lagColumns.unacked,
    cell: ({ ack_pending }) => formatCount(ack_pending),
    isNumber: true,
  },
  {
    id: "oldest",
    header: words.lagColumns.oldest,
    cell: ({ oldest_age_seconds }) => formatDuration(oldest_age_seconds * 1_000),
    isNumber: true,
  },
];

/** How fast it flows: rate, freshness of models, consumers behind. */
export function Flow({ state }: { state: LiveState }) {
  const { seconds } = state;
  const rates = seconds.map(({ totals }) => sumOf(totals));
  const bins = freshnessOf(seconds, formatDuration);
  const saved = bins.reduce((sum, { count }) => sum + count, 0);
  return (
    <div className="columns columns-2">
      <Card title={words.freshness} about={words.freshnessAbout}>
        {saved === 0 ? (
          <p className="muted">{words.noFreshness}</p>
        ) : (
          <Histogram
            summary={words.freshnessSummary(formatCount(saved))}
            bins={bins}
            unit={words.freshnessUnit}
          />
        )}
      </Card>
      <div className="stack">
        <Card title={words.course}>
          <Sparkline
            summary={words.courseSummary(
              formatCount(rates.length === 0 ? 0 : Math.min(...rates)),
              formatCount(Math.max(0, ...rates)),
            )}
            values={rates}
            height={64}
          />
        </Card>
        <Card title={words.lag}>
          <Table
            label={words.lag}
            columns={LAG}
            rows={seconds.at(-1)?.lag ?? []}
            keyOf={({ consumer }) => consumer}
            empty={<p className="muted">{words.noLag}</p>}
          />
        </Card>
      </div>
    </div>
  );
}
