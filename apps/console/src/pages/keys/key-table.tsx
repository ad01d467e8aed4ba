import { useMemo } from "react";

import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { Time } from "../../ui/time.tsx";
import { useKeyChanges, type Key, type Project } from "./queries.ts";
import { words } from "./strings.ts";

const TONES: Record<Key["status"], Tone> = { active: "good", expired: "warn", revoked: "plain" };

interface KeyTableProps {
  keys: readonly Key[];
  projects: readonly Project[];
  onMade: (key: string) => void;
}

/** All keys, with what can be done to those that work. */
export function KeyTable({ keys, projects, onMade }: KeyTableProps) {
  const columns = useMemo(() => columnsOf(projects, onMade), [projects, onMade]);
  const { title, about, none, noneText } = words.keys;
  const body = { project: projects[0]?.id ?? 1, name: "my script", scopes: ["read"] };
  const command = curl("/api/v1/api_keys/", { method: "POST", body });
  return (
    <Card title={title} about={about}>
      <Table
        label={title}
        columns={columns}
        rows={keys}
        keyOf={({ id }) => String(id)}
        empty={<EmptyState title={none} text={noneText} command={command} />}
      />
    </Card>
  );
}

function columnsOf(
  projects: readonly Project[],
  onMade: (key: string) => void,
): readonly Column<Key>[] {
  const names = words.keys.columns;
  const nameOf = (id: number) => projects.find((one) => one.id === id)?.name ?? String(id);
  return [
    { id: "name", header: names.name, cell: ({ name }) => name, sortBy: ({ name }) => name },
    { id: "prefix", header: names.prefix, cell: ({ prefix }) => <code>{prefix}</code> },
    {
      id: "project",
      header: names.project,
      cell: ({ project }) => nameOf(project),
      sortBy: ({ project }) => nameOf(project),
    },
    { id: "scopes", header: names.scopes, cell: (key) => <Scopes of={key} /> },
    {
      id: "status",
      header: names.status,
      cell: ({ status }) => <Badge tone={TONES[status]}>{status}</Badge>,
      sortBy: ({ status }) => status,
    },
    {
      id: "used",
      header: names.used,
      cell: ({ last_used_at: at }) => (at === null ? words.keys.never : <Time value={at} ago />),
      sortBy: ({ last_used_at }) => last_used_at ?? "",
    },
    {
      id: "expires",
      header: names.expires,
      cell: ({ expires_at: at }) => (at === null ? words.keys.never : <Time value={at} />),
      sortBy: ({ expires_at }) => expires_at ?? "9",
    },
    {
      id: "actions",
      header: names.actions,
      cell: (key) => (key.status === "active" ? <Actions of={key} onMade={onMade} /> : null),
    },
  ];
}

function Scopes({ of }: { of: Key }) {
  if (of.kind === "write")
    return <>{of.source === null ? of.kind : words.keys.source(of.source)}</>;
  return (
    <span className="row">
      {of.scopes.map((scope) => (
        <Badge key={scope} tone={scope === "admin" ? "accent" : "plain"}>
          {scope}
        </Badge>
      ))}
    </span>
  );
}

function Actions({ of, onMade }: { of: Key; onMade: (key: string) => void }) {
  const { rotate, revoke } = useKeyChanges();
  return (
    <span className="row">
      <ConfirmDialog
        trigger={words.rotate.trigger}
        title={words.rotate.title(of.name)}
        confirm={words.rotate.trigger}
        onConfirm={async () => onMade((await rotate.mutateAsync(of.id)).key)}
      >
        {words.rotate.text}
      </ConfirmDialog>
      <ConfirmDialog
        trigger={words.revoke.trigger}
        title={words.revoke.title(of.name)}
        confirm={words.revoke.trigger}
        typed={{ label: words.revoke.typed, text: of.name }}
        isDanger
        onConfirm={() => revoke.mutateAsync(of.id)}
      >
        {words.revoke.text}
      </ConfirmDialog>
    </span>
  );
}
