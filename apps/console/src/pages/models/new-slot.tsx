import { useState } from "react";

import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Select } from "../../ui/select.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import type { Model } from "./metrics.ts";
import { useModelActions } from "./queries.ts";
import { words } from "./strings.ts";

const ROLES = ["live", "shadow"] as const;

/** Creates a slot, or a shadow that is only compared. */
export function NewSlot(props: { models: readonly Model[]; project: number | undefined }) {
  const { models, project } = props;
  const { addSlot } = useModelActions();
  const [name, setName] = useState("");
  const [weight, setWeight] = useState("10");
  const [role, setRole] = useState<(typeof ROLES)[number]>("live");
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
          is_shadow: role === "shadow",
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
        <Select
          label={words.slots.role}
          value={role}
          options={ROLES.map((value) => ({ value, label: words.slots.roles[value] }))}
          onChange={setRole}
        />
        <TextInput label={words.slots.weight} type="number" value={weight} onChange={setWeight} />
      </div>
    </ConfirmDialog>
  );
}
