import { useState } from "react";

import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatCount, formatNumber, formatShare } from "../../ui/format.ts";
import { Select } from "../../ui/select.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import type { Model, Slot } from "./metrics.ts";
import { useModelActions, useShadows, type Comparison } from "./queries.ts";
import { SlotActions } from "./slot-actions.tsx";
import { words } from "./strings.ts";

const text = words.shadows;

interface Props {
  project: number;
  shadows: readonly Slot[];
  /** Slots that answer, of the same project. */
  live: readonly Slot[];
  models: readonly Model[];
}

/** Slots that answer nobody, how they compare with what was served, and their way to go live. */
export function Shadows({ project, shadows, live, models }: Props) {
  const comparisons = useShadows(project);
  const of = (slot: Slot): Comparison | undefined =>
    comparisons.data?.slots.find((one) => one.slot_id === slot.id);
  const nameOf = (id: number) => models.find((model) => model.id === id)?.name ?? String(id);
  const figure = (
    id: keyof typeof text.columns,
    cell: (found: Comparison) => string | undefined,
  ): Column<Slot> => ({
    id,
    header: text.columns[id],
    isNumber: true,
    cell: (slot) => {
      const found = of(slot);
      return (found === undefined ? undefined : cell(found)) ?? "–";
    },
  });
  const columns: Column<Slot>[] = [
    { id: "name", header: text.columns.name, cell: (slot) => slot.name },
    { id: "model", header: text.columns.model, cell: (slot) => nameOf(slot.trained_model) },
    {
      id: "share",
      header: text.columns.share,
      isNumber: true,
      cell: (slot) =>
        slot.is_active ? formatShare(slot.weight / 100, 0) : <Badge>{words.slots.off}</Badge>,
    },
    figure("compared", ({ compared }) => formatCount(compared)),
    figure("missed", ({ dropped, errors }) => text.missed(dropped, errors)),
    figure("overlap", ({ overlap }) => (overlap === null ? undefined : formatShare(overlap))),
    figure("order", ({ rank_correlation: rho }) =>
      rho === null ? undefined : formatNumber(rho, 2),
    ),
    figure("took", ({ scoring_ms: ms }) => (ms === null ? undefined : `${formatNumber(ms, 2)} ms`)),
    {
      id: "act",
      header: text.columns.act,
      cell: (slot) => (
        <div className="row">
          <GoLive slot={slot} live={live} />
          <SlotActions slot={slot} />
        </div>
      ),
    },
  ];
  return (
    <Card title={text.title} about={text.about}>
      <Table label={text.title} columns={columns} rows={shadows} keyOf={({ id }) => String(id)} />
    </Card>
  );
}

function GoLive({ slot, live }: { slot: Slot; live: readonly Slot[] }) {
  const { promoteSlot } = useModelActions();
  const [weight, setWeight] = useState("100");
  const [instead, setInstead] = useState("all");
  const answering = live.filter((one) => one.is_active && one.project === slot.project);
  const switchOff =
    instead === "all" ? answering.map(({ id }) => id) : instead === "none" ? [] : [Number(instead)];
  return (
    <ConfirmDialog
      trigger={text.promote(slot.name)}
      title={text.promoteTitle(slot.name)}
      confirm={text.promote(slot.name)}
      onConfirm={() => promoteSlot(slot.id, { weight: Number(weight), switch_off: switchOff })}
    >
      <div className="stack">
        <p>{text.promoteText}</p>
        <TextInput label={words.slots.weight} type="number" value={weight} onChange={setWeight} />
        <Select
          label={text.instead}
          value={instead}
          options={[
            { value: "all", label: text.all },
            { value: "none", label: text.none },
            ...answering.map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          onChange={setInstead}
        />
      </div>
    </ConfirmDialog>
  );
}
