import { useQuery } from "@tanstack/react-query";

import { ApiError } from "../../api/api-error.ts";
import { dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";
import { useApi } from "../../api/use-api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatCount, formatDuration, formatShare } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { healthOf, readMetrics, type FeatureHealth } from "./metrics-text.ts";
import { PeopleValues } from "./people-values.tsx";
import { words } from "./strings.ts";

type Feature = Schema<"FeatureRegistry">["features"][number];
interface Health extends FeatureHealth {
  name: string;
}

const REGISTRY: readonly Column<Feature>[] = [
  { id: "name", header: words.columns.name, cell: ({ name }) => <code>{name}</code> },
  { id: "about", header: words.columns.description, cell: ({ description }) => description },
  {
    id: "ttl",
    header: words.columns.ttl,
    cell: ({ ttl_sec }) => formatDuration(ttl_sec * 1_000),
    sortBy: ({ ttl_sec }) => ttl_sec,
    isNumber: true,
  },
  { id: "kept", header: words.columns.kept, cell: ({ freshness }) => words.freshness[freshness] },
  { id: "source", header: words.columns.source, cell: ({ source }) => <Badge>{source}</Badge> },
  { id: "fallback", header: words.columns.fallback, cell: ({ fallback }) => fallback },
  {
    id: "by",
    header: words.columns.invalidated,
    cell: ({ invalidated_by }) => <code>{invalidated_by.join(", ")}</code>,
  },
];

const share = (value: number | undefined) =>
  value === undefined ? words.noReads : formatShare(value);

const HEALTH: readonly Column<Health>[] = [
  { id: "name", header: words.columns.name, cell: ({ name }) => <code>{name}</code> },
  {
    id: "computed",
    header: words.computed,
    cell: ({ computed }) => formatCount(computed),
    isNumber: true,
  },
  { id: "reads", header: words.reads, cell: ({ reads }) => formatCount(reads), isNumber: true },
  {
    id: "fallback",
    header: words.fallbackRate,
    cell: ({ fallbackShare }) => share(fallbackShare),
    isNumber: true,
  },
  {
    id: "stale",
    header: words.staleRate,
    cell: ({ staleShare }) => share(staleShare),
    isNumber: true,
  },
];

/** Profile features: what they are, how they are read, and what they are for some people. */
export function Page() {
  const api = useApi();
  const registry = useQuery({
    queryKey: ["feature-registry"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/features/registry", { signal })),
  });
  const metrics = useQuery({
    queryKey: ["metrics"],
    queryFn: ({ signal }) => metricsText(signal),
    refetchInterval: 5_000,
  });
  return (
    <Frame title={words.title} question={words.question}>
      <Loaded query={registry} height={300}>
        {({ features }) => (
          <>
            <Card title={words.registry} about={words.registryAbout}>
              <Table
                label={words.registry}
                columns={REGISTRY}
                rows={features}
                keyOf={({ name }) => name}
                empty={
                  <EmptyState
                    title={words.emptyTitle}
                    text={words.emptyText}
                    command={curl("/api/features/registry")}
                  />
                }
              />
            </Card>
            <Card title={words.health} about={words.healthAbout}>
              <Loaded query={metrics} height={200}>
                {(text) => {
                  const samples = readMetrics(text);
                  const rows = features.map(({ name }) => ({ name, ...healthOf(samples, name) }));
                  return (
                    <Table
                      label={words.health}
                      columns={HEALTH}
                      rows={rows}
                      keyOf={({ name }) => name}
                    />
                  );
                }}
              </Loaded>
            </Card>
            <PeopleValues names={features.map(({ name }) => name)} />
          </>
        )}
      </Loaded>
    </Frame>
  );
}

async function metricsText(signal: AbortSignal): Promise<string> {
  const answer = await fetch("/metrics", { signal });
  if (!answer.ok) throw new ApiError(answer.status, undefined);
  return answer.text();
}
