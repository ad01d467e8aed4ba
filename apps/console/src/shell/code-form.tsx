import { useEffect, useState, type FormEvent } from "react";

import { ApiError } from "../api/api-error.ts";
import { keyOfCode, readDemo } from "../api/demo.ts";
import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/text-input.tsx";

const words = strings.signIn;

/** On the demo of this machine a code from the terminal opens the console; elsewhere nothing. */
export function CodeForm(props: { onKey: (key: string) => void }) {
  const [isOffered, setOffered] = useState(false);
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    readDemo(stop.signal).then(
      (facts) => setOffered(facts.sign_in_code),
      // A key opens the console as well, and the form of the key says when nothing answers.
      () => setOffered(false),
    );
    return () => stop.abort();
  }, []);
  if (!isOffered) return null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      props.onKey(await keyOfCode(code));
    } catch (error) {
      const isWrong = error instanceof ApiError && error.status === 401;
      setProblem(isWrong ? words.codeRefused : words.unreachable);
    }
  };
  return (
    <form className="card" onSubmit={(event) => void submit(event)}>
      <TextInput
        label={words.codeLabel}
        value={code}
        onChange={(text) => {
          setCode(text);
          setProblem(undefined);
        }}
        placeholder="1234-5678"
        description={words.codeHint}
        {...(problem === undefined ? {} : { error: problem })}
      />
      <Button kind="primary" type="submit" isDisabled={code.trim() === ""}>
        {words.codeSubmit}
      </Button>
    </form>
  );
}
