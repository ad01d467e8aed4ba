import { lazy, Suspense, useState, type FormEvent } from "react";

import { ApiError } from "../api/api-error.ts";
import { createApiClient, dataOf } from "../api/client.ts";
import { strings } from "../strings.ts";
import icon from "../styles/icon.svg";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { TextInput } from "../ui/text-input.tsx";

const words = strings.signIn;
const CodeForm = lazy(() => import("./code-form.tsx").then((file) => ({ default: file.CodeForm })));

/** Asks for an API key and lets it in when the server accepts it for reading. */
export function SignIn(props: { onKey: (key: string) => void }) {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isChecking, setChecking] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setChecking(true);
    setProblem(undefined);
    const found = await problemOf(key.trim());
    setChecking(false);
    if (found === undefined) props.onKey(key.trim());
    else setProblem(found);
  };
  return (
    <main className="door">
      <div className="row">
        <img src={icon} alt="" width={36} height={36} />
        <h1>{strings.product}</h1>
      </div>
      <p className="muted">{words.lead}</p>
      <Suspense>
        <CodeForm onKey={props.onKey} />
      </Suspense>
      <form className="card" onSubmit={(event) => void submit(event)}>
        <TextInput
          label={words.label}
          value={key}
          onChange={(text) => {
            setKey(text);
            setProblem(undefined);
          }}
          type="password"
          description={words.hint}
          {...(problem === undefined ? {} : { error: problem })}
        />
        <Button kind="primary" type="submit" isDisabled={key.trim() === "" || isChecking}>
          {isChecking ? words.checking : words.submit}
        </Button>
      </form>
      <section className="stack" aria-label={words.where}>
        <h2>{words.where}</h2>
        <p className="muted small">{words.whereText}</p>
        <CodeBlock text="cat .signalpath/credentials.json" />
        <p className="muted small">{words.elsewhere}</p>
        <CodeBlock text="pnpm signalpath keys create --project 1 --scopes read,write,predict" />
      </section>
    </main>
  );
}

/** Why a key opens nothing here; undefined = it does. */
async function problemOf(key: string): Promise<string | undefined> {
  // A header takes printable ASCII only.
  if (!/^[\x21-\x7e]+$/.test(key)) return words.refused;
  try {
    await dataOf(createApiClient(key).GET("/api/features/registry"));
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return words.refused;
    if (error.status === 403) return words.noRead;
    if (error.status === 0) return words.unreachable;
    return error.message;
  }
}
