import { useState } from "react";

import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import type { Slot } from "./metrics.ts";
import { useModelActions } from "./queries.ts";
import { words } from "./strings.ts";

/** Weight of a slot, and its switch. */
export function SlotActions({ slot }: { slot: Slot }) {
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
