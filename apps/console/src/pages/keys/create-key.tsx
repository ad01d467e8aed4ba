import { useState, type FormEvent } from "react";

import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Select } from "../../ui/select.tsx";
import { TextInput } from "../../ui/text-input.tsx";
import { useKeyChanges, type NewKey, type Project, type Scope } from "./queries.ts";
import { ScopeChoice } from "./scope-choice.tsx";
import { words } from "./strings.ts";

const KINDS = ["api", "write"] as const;

interface CreateKeyProps {
  projects: readonly Project[];
  onMade: (key: string) => void;
}

/** A form for a new key. */
export function CreateKey({ projects, onMade }: CreateKeyProps) {
  const { create } = useKeyChanges();
  const [name, setName] = useState("");
  const [project, setProject] = useState(String(projects[0]?.id ?? ""));
  const [kind, setKind] = useState<NewKey["kind"]>("api");
  const [scopes, setScopes] = useState<readonly Scope[]>(["read"]);
  const [expires, setExpires] = useState("");
  const [isTried, setTried] = useState(false);
  const hasScopes = kind === "write" || scopes.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || !hasScopes) return;
    const body: NewKey = {
      project: Number(project),
      name: name.trim(),
      kind,
      ...(kind === "api" ? { scopes: [...scopes] } : {}),
      ...(expires === "" ? {} : { expires_at: new Date(expires).toISOString() }),
    };
    create.mutate(body, {
      onSuccess: ({ key }) => {
        onMade(key);
        setName("");
        setTried(false);
      },
    });
  };
  const nameError = isTried && name.trim() === "" ? { error: words.create.nameMissing } : {};
  return (
    <Card title={words.create.title}>
      <form className="stack" onSubmit={submit}>
        <div className="columns columns-2">
          <TextInput label={words.create.name} value={name} onChange={setName} {...nameError} />
          <Select
            label={words.create.project}
            value={project}
            options={projects.map(({ id, name: text }) => {
              return { value: String(id), label: `${text} (${id})` };
            })}
            onChange={setProject}
          />
          <Select
            label={words.create.kind}
            value={kind}
            options={KINDS.map((value) => ({ value, label: words.create.kinds[value] }))}
            onChange={setKind}
          />
          <TextInput
            label={words.create.expires}
            type="datetime-local"
            description={words.create.expiresHint}
            value={expires}
            onChange={setExpires}
          />
        </div>
        {kind === "api" && (
          <ScopeChoice chosen={scopes} onChange={setScopes} isMissing={isTried && !hasScopes} />
        )}
        {create.error !== null && <ErrorState error={create.error} />}
        <div>
          <Button type="submit" kind="primary" isDisabled={create.isPending}>
            {words.create.submit}
          </Button>
        </div>
      </form>
    </Card>
  );
}
