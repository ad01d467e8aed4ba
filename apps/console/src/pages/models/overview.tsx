import { Link } from "@tanstack/react-router";

import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatCount, formatNumber } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Page } from "../../ui/page.tsx";
import { Stat, Stats } from "../../ui/stat.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { Time } from "../../ui/time.tsx";
import { figureOf, type Model } from "./metrics.ts";
import { useLoaded, useModels, useRuns, useSlots } from "./queries.ts";
import { Runs } from "./runs.tsx";
import { StatusBadge } from "./status-badge.tsx";
import { words } from "./strings.ts";
import { Traffic } from "./traffic.tsx";
import { TrainModel } from "./train-model.tsx";

/** What serves, all models, all runs. */
export function Overview() {
  const models = useModels();
  const slots = useSlots();
  const loaded = useLoaded();
  const runs = useRuns();
  const last = runs.data?.results[0];
  const active = slots.data?.results.filter(
    (slot) => slot.is_active && !slot.is_shadow && slot.weight > 0,
  );
  return (
    <Page title={words.title} question={words.question} actions={<TrainModel />}>
      <Stats>
        <Stat label={words.figures.models} value={textOf(models.data?.count)} />
        <Stat label={words.figures.slots} value={textOf(active?.length)} />
        <Stat label={words.figures.loaded} value={textOf(loaded.data?.count)} />
        <Stat
          label={words.figures.lastRun}
          value={
            runs.data === undefined
              ? undefined
              : (last?.status.toLowerCase() ?? words.figures.never)
          }
          note={last === undefined ? undefined : <Time value={last.created_at} ago />}
        />
      </Stats>
      <Loaded query={slots}>
        {({ results }) => <Traffic slots={results} models={models.data?.results ?? []} />}
      </Loaded>
      <Card title={words.models.title}>
        <Loaded query={models}>
          {({ results }) =>
            results.length === 0 ? (
              <EmptyState
                title={words.models.none}
                text={words.models.noneText}
                command={curl("/api/v1/trained_model/", {
                  method: "POST",
                  body: { project: 1, source: "archive", kind: "auto", name: "first" },
                })}
              />
            ) : (
              <Table
                label={words.models.title}
                columns={columnsOf(loaded.data?.models ?? [])}
                rows={results}
                keyOf={(model) => String(model.id)}
              />
            )
          }
        </Loaded>
      </Card>
      <Card title={words.runs.title} about={words.runs.about}>
        <Loaded query={runs}>
          {({ results }) => <Runs runs={results} models={models.data?.results ?? []} />}
        </Loaded>
      </Card>
    </Page>
  );
}

const textOf = (count: number | undefined) =>
  count === undefined ? undefined : formatCount(count);

function columnsOf(inMemory: readonly number[]): Column<Model>[] {
  const { columns } = words.models;
  return [
    {
      id: "name",
      header: columns.name,
      sortBy: (model) => model.name,
      cell: (model) => <Link to={`/models/${model.id}`}>{model.name}</Link>,
    },
    {
      id: "kind",
      header: columns.kind,
      sortBy: (model) => model.kind,
      cell: (model) => model.kind,
    },
    {
      id: "version",
      header: columns.version,
      cell: (model) => words.models.version(model.version),
    },
    {
      id: "status",
      header: columns.status,
      cell: (model) => <StatusBadge status={model.status} />,
    },
    {
      id: "quality",
      header: columns.quality,
      isNumber: true,
      sortBy: (model) => figureOf(model.metrics) ?? -1,
      cell: (model) => {
        const figure = figureOf(model.metrics);
        return figure === undefined ? (
          <span className="muted">{words.models.notMeasured}</span>
        ) : (
          formatNumber(figure, 3)
        );
      },
    },
    {
      id: "loaded",
      header: columns.loaded,
      cell: (model) =>
        inMemory.includes(model.id) ? (
          <Badge tone="good">{words.models.inMemory}</Badge>
        ) : (
          <Badge>{words.models.onDisk}</Badge>
        ),
    },
    {
      id: "updated",
      header: columns.updated,
      sortBy: (model) => model.updated_at,
      cell: (model) => <Time value={model.updated_at} ago />,
    },
  ];
}
