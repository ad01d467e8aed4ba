import { useState } from "react";

import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { useExperimentActions } from "./queries.ts";
import { words } from "./strings.ts";

const EMPTY = {
  name: "",
  control: "control",
  treatment: "new",
  share: "50",
  coverage: "100",
  metric: "click",
  guardrail: "",
};

/** Creates a draft of two variations. */
export function NewExperimentDialog() {
  const { create } = useExperimentActions();
  const [form, setForm] = useState(EMPTY);
  const field = (name: keyof typeof EMPTY, label: string, type: "text" | "number" = "text") => (
    <TextInput
      label={label}
      type={type}
      value={form[name]}
      onChange={(value) => setForm((before) => ({ ...before, [name]: value }))}
    />
  );
  const submit = async () => {
    const share = Number(form.share) / 100;
    const guardrail = form.guardrail.trim();
    await create({
      name: form.name,
      coverage: Number(form.coverage) / 100,
      variations: [
        { index: 0, name: form.control, weight: 1 - share },
        { index: 1, name: form.treatment, weight: share },
      ],
      metrics: [
        { name: form.metric },
        ...(guardrail === ""
          ? []
          : [{ name: guardrail, direction: "decrease" as const, guardrail: true }]),
      ],
    });
    setForm(EMPTY);
  };
  const labels = words.create;
  return (
    <ConfirmDialog
      trigger={labels.open}
      title={labels.title}
      confirm={labels.submit}
      onConfirm={submit}
    >
      <div className="stack">
        <p className="muted">{labels.text}</p>
        {field("name", labels.name)}
        {field("control", labels.control)}
        {field("treatment", labels.treatment)}
        {field("share", labels.share, "number")}
        {field("coverage", labels.coverage, "number")}
        {field("metric", labels.metric)}
        {field("guardrail", labels.guardrail)}
      </div>
    </ConfirmDialog>
  );
}
