import { useQueries } from "@tanstack/react-query";
import { useState } from "react";

import { dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";
import { useApi } from "../../api/use-api.ts";
import { Histogram } from "../../charts/histogram.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { formatCount, formatNumber } from "../../ui/format.ts";
import { Select } from "../../ui/select.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { Time } from "../../ui/time.tsx";
import { spreadOf } from "./spread.ts";
import { words } from "./strings.ts";

interface Row {
  user: string;
  name: string;
  feature: Schema<"ProfileFeature">;
}

/** People whose values are looked up at once, at most. */
const MAX_PEOPLE = 50;

const COLUMNS: readonly Column<Row>[] = [
  { id: "user", header: words.person, cell: ({ user }) => user, sortBy: ({ user }) => user },
  {
    id: "name",
    header: words.feature,
    cell: ({ name }) => <code>{name}</code>,
    sortBy: ({ name }) => name,
  },
  {
    id: "value",
    header: words.value,
    cell: ({ feature: { value } }) => (value === null ? "–" : formatNumber(value)),
    sortBy: ({ feature: { value } }) => value ?? -1,
    isNumber: true,
  },
  {
    id: "normalized",
    header: words.servedAs,
    cell: ({ feature }) => formatNumber(feature.normalized),
    sortBy: ({ feature }) => feature.normalized,
    isNumber: true,
  },
  {
    id: "state",
    header: words.state,
    cell: ({ feature: { source, stale } }) => {
      if (source === "fallback") return <Badge tone="warn">{words.fallback}</Badge>;
      return <Badge tone={stale ? "warn" : "good"}>{stale ? words.stale : words.fresh}</Badge>;
    },
  },
  {
    id: "computed",
    header: words.computedAt,
    cell: ({ feature: { computed_at: at } }) =>
      at === null ? words.never : <Time value={at} ago />,
  },
];

/** Values of the people that were typed in, and how they spread. */
export function PeopleValues({ names }: { names: readonly string[] }) {
  const api = useApi();
  const [text, setText] = useState("");
  const [users, setUsers] = useState<readonly string[]>([]);
  const [name, setName] = useState(names[0] ?? "");
  const answers = useQueries({
    queries: users.map((user) => ({
      queryKey: ["features", user],
      queryFn: () => dataOf(api.GET("/api/features", { params: { query: { user_id: user } } })),
    })),
  });
  const look = () => {
    const ids = text.split(/[\n,]/).map((id) => id.trim());
    setUsers([...new Set(ids.filter((id) => id !== ""))].slice(0, MAX_PEOPLE));
  };
  const rows = answers.flatMap(({ data }): Row[] =>
    data === undefined
      ? []
      : Object.entries(data.features).map(([name, feature]) => ({
          user: data.user_id,
          name,
          feature,
        })),
  );
  const values = rows
    .filter((row) => row.name === name && row.feature.source !== "fallback")
    .map((row) => row.feature.normalized);
  const failed = answers.find(({ error }) => error !== null)?.error;
  return (
    <Card title={words.people} about={words.peopleAbout}>
      <div className="row row-end">
        <TextInput label={words.ids} value={text} onChange={setText} rows={3} placeholder="mara" />
        <Button kind="primary" onPress={look} isDisabled={text.trim() === ""}>
          {words.look}
        </Button>
      </div>
      {failed !== undefined && <ErrorState error={failed} />}
      {rows.length > 0 && (
        <div className="columns columns-wide">
          <Table
            label={words.people}
            columns={COLUMNS}
            rows={rows}
            keyOf={({ user, name }) => `${user} ${name}`}
          />
          <div className="stack">
            <Select
              label={words.distribution}
              value={name}
              options={names.map((value) => ({ value, label: value }))}
              onChange={setName}
            />
            <Histogram
              summary={words.distributionSummary(name, formatCount(values.length))}
              bins={spreadOf(values)}
              unit={words.normalized}
              height={180}
            />
          </div>
        </div>
      )}
    </Card>
  );
}
