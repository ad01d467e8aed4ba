import type { SystemAnswer } from "@signalpath/contracts";

import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatCount } from "../../ui/format.ts";
import { Table, type Column } from "../../ui/table.tsx";
import { Time } from "../../ui/time.tsx";
import { words } from "./strings.ts";

type Service = SystemAnswer["services"][number];

const TONES: Record<Service["status"], Tone> = { up: "good", degraded: "warn", silent: "bad" };
const names = words.services.columns;

const COLUMNS: readonly Column<Service>[] = [
  {
    id: "service",
    header: names.service,
    cell: ({ service }) => <strong>{service}</strong>,
    sortBy: ({ service }) => service,
  },
  {
    id: "status",
    header: names.status,
    cell: ({ status }) => <Badge tone={TONES[status]}>{words.services.status[status]}</Badge>,
    sortBy: ({ status }) => status,
  },
  { id: "dependencies", header: names.dependencies, cell: (row) => <StandsOn {...row} /> },
  {
    id: "version",
    header: names.version,
    cell: ({ instances }) => [...new Set(instances.map(({ version }) => version))].join(", "),
  },
  {
    id: "instances",
    header: names.instances,
    cell: ({ instances }) => formatCount(instances.length),
    sortBy: ({ instances }) => instances.length,
    isNumber: true,
  },
  { id: "heard", header: names.heard, cell: ({ instances }) => <Heard instances={instances} /> },
];

/** All services that say they are there. */
export function Services({ services }: { services: readonly Service[] }) {
  const { title, about, none, noneText } = words.services;
  return (
    <Card title={title} about={about}>
      {services.length === 0 ? (
        <EmptyState title={none} text={noneText} command={curl("/api/v1/system/")} />
      ) : (
        <Table label={title} columns={COLUMNS} rows={services} keyOf={({ service }) => service} />
      )}
    </Card>
  );
}

function StandsOn({ dependencies }: Pick<Service, "dependencies">) {
  const all = Object.entries(dependencies);
  const down = all.filter(([, text]) => text !== "up");
  if (down.length === 0) return <span className="muted">{words.services.allUp(all.length)}</span>;
  return (
    <ul>
      {down.map(([name, text]) => (
        <li key={name}>
          <strong>{name}</strong>: {text}
        </li>
      ))}
    </ul>
  );
}

function Heard({ instances }: Pick<Service, "instances">) {
  const last = instances
    .map(({ heard_at }) => heard_at)
    .toSorted()
    .at(-1);
  return last === undefined ? null : <Time value={last} ago />;
}
