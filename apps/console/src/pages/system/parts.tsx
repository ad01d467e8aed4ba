import type { SystemAnswer } from "@signalpath/contracts";

import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { writeSample, type Sample } from "./metrics-text.ts";
import { useMetrics } from "./queries.ts";
import { words } from "./strings.ts";

type LagRow = SystemAnswer["lag"][number];

const LAG: readonly Column<LagRow>[] = [
  { id: "consumer", header: words.lag.columns.consumer, cell: ({ consumer }) => consumer },
  {
    id: "pending",
    header: words.lag.columns.pending,
    cell: ({ pending }) => formatCount(pending),
    sortBy: ({ pending }) => pending,
    isNumber: true,
  },
  {
    id: "ack",
    header: words.lag.columns.ackPending,
    cell: ({ ack_pending }) => formatCount(ack_pending),
    isNumber: true,
  },
  {
    id: "oldest",
    header: words.lag.columns.oldest,
    cell: ({ oldest_age_seconds: age }) => formatDuration(age * 1_000),
    isNumber: true,
  },
];

export function Lag({ all }: { all: readonly LagRow[] }) {
  const { title, about, none } = words.lag;
  const empty = <p className="muted">{none}</p>;
  return (
    <Card title={title} about={about}>
      <Table label={title} columns={LAG} rows={all} keyOf={(row) => row.consumer} empty={empty} />
    </Card>
  );
}

type Dependency = readonly [name: string, text: string];

const DEPENDENCIES: readonly Column<Dependency>[] = [
  { id: "name", header: words.dependencies.columns.name, cell: ([name]) => name },
  {
    id: "state",
    header: words.dependencies.columns.state,
    cell: ([, text]) =>
      text === "up" ? <Badge tone="good">{words.dependencies.up}</Badge> : <span>{text}</span>,
    sortBy: ([, text]) => text,
  },
];

export function Dependencies({ all }: { all: Record<string, string> }) {
  const { title, about } = words.dependencies;
  const rows = Object.entries(all);
  return (
    <Card title={title} about={about}>
      <Table label={title} columns={DEPENDENCIES} rows={rows} keyOf={([name]) => name} />
    </Card>
  );
}

const FIGURES: readonly Column<Sample>[] = [
  {
    id: "name",
    header: words.caches.columns.name,
    cell: ({ name, labels }) => (
      <code>
        {name}
        {labels}
      </code>
    ),
    sortBy: ({ name }) => name,
  },
  {
    id: "value",
    header: words.caches.columns.value,
    cell: writeSample,
    sortBy: ({ value }) => value,
    isNumber: true,
  },
];

export function Caches() {
  const metrics = useMetrics();
  const { title, about, none } = words.caches;
  const empty = <p className="muted">{none}</p>;
  return (
    <Card title={title} about={about}>
      <Loaded query={metrics} height={220}>
        {(rows) => (
          <Table
            label={title}
            columns={FIGURES}
            rows={rows}
            keyOf={({ name, labels }) => name + labels}
            height={320}
            empty={empty}
          />
        )}
      </Loaded>
    </Card>
  );
}
