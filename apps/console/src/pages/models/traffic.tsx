import { useState } from "react";

import { SERIES } from "../../charts/series.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { curl } from "../../ui/curl.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { formatShare } from "../../ui/format.ts";
import { Select } from "../../ui/select.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { sharesOf, type Model, type Slot } from "./metrics.ts";
import { useModelActions, useRouting } from "./queries.ts";
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
  return (
    <Card title={words.slots.title} about={words.slots.about} actions={addSlot}>
      <Split slots={slots} />
      <SlotTable slots={slots} models={models} />
      {project !== undefined && <Routing project={project} />}
    </Card>
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

function SlotActions({ slot }: { slot: Slot }) {
  const { changeSlot } = useModelActions();
  const [weight, setWeight] = useState(String(slot.weight));
  const name = slot.is_active ? words.slots.turnOff(slot.name) : words.slots.turnOn(slot.name);
  return (
    <div className="row">
      <ConfirmDialog
        trigger={words.slots.change(slot.name)}
        title={words.slots.change(slot.name)}
        confirm={words.slots.save}
        onConfirm={() => changeSlot(slot.id, { weight: Number(weight) })}
      >
        <TextInput label={words.slots.weight} type="number" value={weight} onChange={setWeight} />
      </ConfirmDialog>
      <ConfirmDialog
        trigger={name}
        title={`${name}?`}
        confirm={name}
        isDanger={slot.is_active}
        onConfirm={() => changeSlot(slot.id, { is_active: !slot.is_active })}
      >
        <p>{words.slots.offText}</p>
      </ConfirmDialog>
    </div>
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

function NewSlot({ models, project }: { models: readonly Model[]; project: number | undefined }) {
  const { addSlot } = useModelActions();
  const [name, setName] = useState("");
  const [weight, setWeight] = useState("10");
  const [picked, setPicked] = useState<string>();
  const model = picked ?? String(models[0]?.id ?? "");
  return (
    <ConfirmDialog
      trigger={words.slots.add}
      title={words.slots.add}
      confirm={words.slots.save}
      isDisabled={models.length === 0 || project === undefined}
      onConfirm={() =>
        addSlot({
          project: project ?? 0,
          name,
          trained_model: Number(model),
          weight: Number(weight),
        })
      }
    >
      <div className="stack">
        <p className="muted">{words.slots.addText}</p>
        <TextInput label={words.slots.name} value={name} onChange={setName} />
        <Select
          label={words.slots.model}
          value={model}
          options={models.map(({ id, name: label }) => ({ value: String(id), label }))}
          onChange={setPicked}
        />
        <TextInput label={words.slots.weight} type="number" value={weight} onChange={setWeight} />
      </div>
    </ConfirmDialog>
  );
}
