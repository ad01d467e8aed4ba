import { useQuery } from "@tanstack/react-query";

import { dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";
import { useApi } from "../../api/use-api.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatCount, formatDuration, formatShare } from "../../ui/format.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { PeopleValues } from "./people-values.tsx";
import { words } from "./strings.ts";

type Feature = Schema<"FeatureRegistry">["features"][number];
type Health = Schema<"FeatureStats">["features"][number];

const REGISTRY: readonly Column<Feature>[] = [
  {
    id: "name",
    header: words.columns.name,
    cell: ({ name, description }) => (
      <>
        <code>{name}</code>
        <p className="muted small">{description}</p>
      </>
    ),
  },
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

const share = (value: number | null) => (value === null ? words.nobody : formatShare(value));
const age = (value: number | null) => (value === null ? words.never : formatDuration(value));

const HEALTH: readonly Column<Health>[] = [
  { id: "name", header: words.columns.name, cell: ({ name }) => <code>{name}</code> },
  {
    id: "computed",
    header: words.computed,
    cell: ({ computed }) => formatCount(computed),
    isNumber: true,
  },
  {
    id: "fallback",
    header: words.fallbackRate,
    cell: ({ fallback_share: value }) => share(value),
    isNumber: true,
  },
  {
    id: "stale",
    header: words.staleRate,
    cell: ({ stale_share: value }) => share(value),
    isNumber: true,
  },
  { id: "age", header: words.age, cell: ({ age_ms: { p50 } }) => age(p50), isNumber: true },
  { id: "old", header: words.oldAge, cell: ({ age_ms: { p90 } }) => age(p90), isNumber: true },
  {
    id: "spread",
    header: words.spread,
    cell: ({ name, normalized }) => (
      <Sparkline
        summary={words.spreadSummary(name, normalized.join(", "))}
        values={normalized}
        height={28}
      />
    ),
  },
];

/** Profile features: what they are, how they are read, and what they are for some people. */
export function Page() {
  const api = useApi();
  const registry = useQuery({
    queryKey: ["feature-registry"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/features/registry", { signal })),
  });
  const stats = useQuery({
    queryKey: ["feature-stats"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/features/stats", { signal })),
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
              <Loaded query={stats} height={200}>
                {({ people, features: rows }) => (
                  <>
                    <p className="muted small">{words.sampled(formatCount(people))}</p>
                    <Table
                      label={words.health}
                      columns={HEALTH}
                      rows={rows}
                      keyOf={({ name }) => name}
                    />
                  </>
                )}
              </Loaded>
            </Card>
            <PeopleValues names={features.map(({ name }) => name)} />
          </>
        )}
      </Loaded>
    </Frame>
  );
}
