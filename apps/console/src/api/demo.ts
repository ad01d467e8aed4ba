import { ApiError } from "./api-error.ts";

/** What the server tells before anybody is signed in. */
export interface DemoFacts {
  demo: boolean;
  /** A code at the terminal opens the console. */
  sign_in_code: boolean;
  visitors: { user_id: string; about: string }[];
  /** Names of its experiments. */
  experiments: { equal: string; planted: string } | null;
}

/** @throws ApiError */
export async function readDemo(signal: AbortSignal): Promise<DemoFacts> {
  const answer = await fetch("/demo/about.json", { signal });
  if (!answer.ok) throw new ApiError(answer.status, undefined);
  return (await answer.json()) as DemoFacts;
}

/** The API key behind the code at the terminal. @throws ApiError for a code that is none. */
export async function keyOfCode(code: string): Promise<string> {
  const answer = await fetch("/demo/sign-in", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  }).catch(() => {
    throw new ApiError(0, { detail: "no answer came", code: "UNREACHABLE" });
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw new ApiError(answer.status, body);
  return (body as { key: string }).key;
}
