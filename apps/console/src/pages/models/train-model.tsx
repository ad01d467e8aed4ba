import { useId, useState } from "react";

import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatCount } from "../../ui/format.ts";
import { Select } from "../../ui/select.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { useModelActions, useProject, useUploads, type NewModel } from "./queries.ts";
import { words } from "./strings.ts";

const text = words.train;
const KINDS = Object.keys(text.kinds) as NewModel["kind"][];
const PROMOTIONS = ["better", "always", "manual"] as const;

/** Asks for a new model: what it is fitted on, how, and when it serves. */
export function TrainModel() {
  const { train, upload } = useModelActions();
  const project = useProject();
  const uploads = useUploads();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<NewModel["kind"]>("auto");
  const [data, setData] = useState("archive");
  const [file, setFile] = useState<File>();
  const [trials, setTrials] = useState("0");
  const [promotion, setPromotion] = useState<NewModel["promotion"]>("better");
  const submit = async () => {
    if (project === undefined) throw new Error(text.noProject);
    if (data === "file" && file === undefined) throw new Error(text.noFile);
    const from =
      data === "archive"
        ? { source: "archive" as const }
        : {
            training_data:
              data === "file" && file !== undefined ? await upload(project, file) : Number(data),
          };
    await train({
      project,
      kind,
      promotion,
      ...from,
      ...(name.trim() === "" ? {} : { name: name.trim() }),
      ...(Number(trials) > 0 ? { tune: { trials: Number(trials) } } : {}),
    });
  };
  return (
    <ConfirmDialog
      trigger={text.open}
      title={text.open}
      confirm={text.submit}
      isDisabled={project === undefined}
      onConfirm={submit}
    >
      <div className="stack">
        <p className="muted">{text.about}</p>
        <TextInput label={text.name} value={name} onChange={setName} />
        <Select
          label={text.kind}
          value={kind}
          options={KINDS.map((value) => ({ value, label: text.kinds[value] }))}
          onChange={setKind}
        />
        <Select
          label={text.data}
          value={data}
          options={[
            { value: "archive", label: text.archive },
            { value: "file", label: text.file },
            ...(uploads.data?.results ?? [])
              .filter((one) => one.project === project)
              .map((one) => ({
                value: String(one.id),
                label: text.stored(one.filename, formatCount(one.rows)),
              })),
          ]}
          onChange={setData}
        />
        {data === "file" && <FileInput onChange={setFile} />}
        <TextInput
          label={text.trials}
          type="number"
          value={trials}
          onChange={setTrials}
          description={text.trialsAbout}
        />
        <Select
          label={text.promotion}
          value={promotion}
          options={PROMOTIONS.map((value) => ({ value, label: text.promotions[value] }))}
          onChange={setPromotion}
        />
      </div>
    </ConfirmDialog>
  );
}

function FileInput({ onChange }: { onChange: (file: File | undefined) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{text.choose}</label>
      <input
        id={id}
        className="input"
        type="file"
        accept=".csv,.tsv,.jsonl,.parquet,.gz"
        onChange={(event) => onChange(event.target.files?.[0])}
      />
    </div>
  );
}
