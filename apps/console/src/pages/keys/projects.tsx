import { useState, type FormEvent } from "react";

import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Table, type Column } from "../../ui/table.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { Time } from "../../ui/time.tsx";
import { useCreateProject, type Project } from "./queries.ts";
import { words } from "./strings.ts";

const COLUMNS: readonly Column<Project>[] = [
  {
    id: "id",
    header: words.projects.columns.id,
    cell: ({ id }) => id,
    sortBy: ({ id }) => id,
    isNumber: true,
  },
  {
    id: "name",
    header: words.projects.columns.name,
    cell: ({ name }) => name,
    sortBy: ({ name }) => name,
  },
  {
    id: "created",
    header: words.projects.columns.created,
    cell: ({ created_at }) => <Time value={created_at} />,
    sortBy: ({ created_at }) => created_at,
  },
];

export function Projects({ all }: { all: readonly Project[] }) {
  const create = useCreateProject();
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    create.mutate(name.trim(), { onSuccess: () => setName("") });
  };
  const { title, about, none } = words.projects;
  return (
    <Card title={title} about={about}>
      <Table
        label={title}
        columns={COLUMNS}
        rows={all}
        keyOf={({ id }) => String(id)}
        empty={<p className="muted">{none}</p>}
      />
      <form className="row row-end" onSubmit={submit}>
        <TextInput label={words.projects.name} value={name} onChange={setName} />
        <Button type="submit" isDisabled={create.isPending || name.trim() === ""}>
          {words.projects.submit}
        </Button>
      </form>
      {create.error !== null && <ErrorState error={create.error} />}
    </Card>
  );
}
