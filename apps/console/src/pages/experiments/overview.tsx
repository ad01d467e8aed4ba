import { Link } from "@tanstack/react-router";

import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Page } from "../../ui/page.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { Time } from "../../ui/time.tsx";
import { Calculator } from "./calculator.tsx";
import { NewExperimentDialog } from "./new-experiment.tsx";
import { useExperiments, type Experiment } from "./queries.ts";
import { SampleSize } from "./sample-size.tsx";
import { StatusBadge } from "./status-badge.tsx";
import { words } from "./strings.ts";

const COLUMNS: Column<Experiment>[] = [
  {
    id: "name",
    header: words.columns.name,
    sortBy: (one) => one.name,
    cell: (one) => <Link to={`/experiments/${one.id}`}>{one.name}</Link>,
  },
  {
    id: "status",
    header: words.columns.status,
    sortBy: (one) => one.status,
    cell: (one) => <StatusBadge status={one.status} />,
  },
  {
    id: "arms",
    header: words.columns.arms,
    cell: (one) => one.variations.map(({ name }) => name).join(", "),
  },
  {
    id: "metrics",
    header: words.columns.metrics,
    cell: (one) => one.metrics.map(({ name }) => name).join(", ") || "–",
  },
  {
    id: "started",
    header: words.columns.started,
    sortBy: (one) => one.started_at ?? "",
    cell: (one) => (one.started_at === null ? "–" : <Time value={one.started_at} ago />),
  },
];

/** Every experiment, and the tools to plan the next one. */
export function Overview() {
  const experiments = useExperiments();
  return (
    <Page title={words.title} question={words.question} actions={<NewExperimentDialog />}>
      <Card title={words.all}>
        <Loaded query={experiments}>
          {({ results }) =>
            results.length === 0 ? (
              <EmptyState
                title={words.none}
                text={words.noneText}
                command={curl("/api/v1/experiments", { method: "POST", body: EXAMPLE })}
              />
            ) : (
              <Table label={words.all} columns={COLUMNS} rows={results} keyOf={({ id }) => id} />
            )
          }
        </Loaded>
      </Card>
      <div className="columns columns-2">
        <SampleSize />
        <Calculator />
      </div>
    </Page>
  );
}

const EXAMPLE = {
  name: "order of tips",
  status: "running",
  variations: [
    { index: 0, name: "control", weight: 0.5 },
    { index: 1, name: "new", weight: 0.5 },
  ],
  metrics: [{ name: "click" }],
};
