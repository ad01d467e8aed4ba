import { useState } from "react";

import { SERIES } from "../../charts/series.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { formatShare } from "../../ui/format.ts";
import { Select } from "../../ui/select.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { sharesOf, type Model, type Slot } from "./metrics.ts";
import { NewSlot } from "./new-slot.tsx";
import { useModelActions, useRouting } from "./queries.ts";
import { Shadows } from "./shadows.tsx";
import { SlotActions } from "./slot-actions.tsx";
import { words } from "./strings.ts";

/** Slots with their shares of users, and the controls that move them. */
export function Traffic({ slots, models }: { slots: readonly Slot[]; models: readonly Model[] }) {
  const project = slots[0]?.project ?? models[0]?.project;
  const addSlot = <NewSlot models={models} project={project} />;
  if (slots.length === 0) {
    return (
      <Card title={words.slots.title} actions={addSlot}>
        <EmptyState
          title={words.slots.none}
          text={words.slots.noneText}
          command={curl("/api/v1/deployment_slot/", {
            method: "POST",
            body: { project: project ?? 1, name: "main", trained_model: models[0]?.id ?? 1 },
          })}
        />
      </Card>
    );
  }
  const live = slots.filter((slot) => !slot.is_shadow);
  const shadows = slots.filter((slot) => slot.is_shadow);
  return (
    <>
      <Card title={words.slots.title} about={words.slots.about} actions={addSlot}>
        <Split slots={live} />
        <SlotTable slots={live} models={models} />
        {project !== undefined && <Routing project={project} />}
      </Card>
      {project !== undefined && shadows.length > 0 && (
        <Shadows project={project} shadows={shadows} live={live} models={models} />
      )}
    </>
  );
}

function Split({ slots }: { slots: readonly Slot[] }) {
  const shares = sharesOf(slots);
  const live = slots.filter(({ id }) => shares.has(id));
  const said = live.map((slot) => `${slot.name} ${formatShare(shares.get(slot.id) ?? 0, 0)}`);
  return (
    <div className="bar" role="img" aria-label={words.slots.split(said.join(", "))}>
      {live.map((slot, index) => (
        <span
          key={slot.id}
          style={{
            width: formatShare(shares.get(slot.id) ?? 0, 2),
            background: SERIES[index % SERIES.length],
          }}
        />
      ))}
    </div>
  );
}

function SlotTable({ slots, models }: { slots: readonly Slot[]; models: readonly Model[] }) {
  const shares = sharesOf(slots);
  const { columns } = words.slots;
  const nameOf = (id: number) => models.find((model) => model.id === id)?.name ?? String(id);
  const shown: Column<Slot>[] = [
    { id: "name", header: columns.name, sortBy: (slot) => slot.name, cell: (slot) => slot.name },
    { id: "model", header: columns.model, cell: (slot) => nameOf(slot.trained_model) },
    {
      id: "share",
      header: columns.share,
      isNumber: true,
      sortBy: (slot) => shares.get(slot.id) ?? 0,
      cell: (slot) => formatShare(shares.get(slot.id) ?? 0),
    },
    { id: "weight", header: columns.weight, isNumber: true, cell: (slot) => slot.weight },
    {
      id: "state",
      header: columns.state,
      cell: (slot) =>
        slot.is_active ? (
          <Badge tone="good">{words.slots.on}</Badge>
        ) : (
          <Badge>{words.slots.off}</Badge>
        ),
    },
    { id: "change", header: columns.change, cell: (slot) => <SlotActions slot={slot} /> },
  ];
  return (
    <Table label={words.slots.title} columns={shown} rows={slots} keyOf={({ id }) => String(id)} />
  );
}

function Routing({ project }: { project: number }) {
  const routing = useRouting(project);
  const { route } = useModelActions();
  const [error, setError] = useState<unknown>();
  if (routing.data === undefined) return null;
  const modes = ["sticky", "random"] as const;
  return (
    <div className="stack">
      <Select
        label={words.slots.routing}
        value={routing.data.mode}
        options={modes.map((value) => ({ value, label: words.slots.modes[value] }))}
        onChange={(mode) => void route(project, mode).then(() => setError(undefined), setError)}
      />
      {routing.data.mode === "random" && <p className="muted small">{words.slots.random}</p>}
      {error !== undefined && <ErrorState error={error} />}
    </div>
  );
}
