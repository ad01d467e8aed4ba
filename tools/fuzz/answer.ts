import { errorBody, ERROR_CODES, failuresOf, headers, type Endpoint } from "@signalpath/contracts";
import { ENDPOINTS as INGEST } from "@signalpath/ingest-webhook/app";
import { endpoints as MANAGEMENT } from "@signalpath/management-api/app";
import { endpoints as RECOMMENDER } from "@signalpath/recommender/app";

import type { FuzzCase } from "./case.ts";

export interface Answer {
  status: number;
  requestId: string | null;
  text: string;
  /** Parsed text; undefined when it is no JSON. */
  json: unknown;
}

export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const { status } = response;
  return { status, requestId: response.headers.get(headers.requestId), text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The checks tell where JSON was promised.
  }
}

const ENDPOINTS: readonly Endpoint[] = [
  ...INGEST,
  ...Object.values<Endpoint>(MANAGEMENT),
  ...Object.values<Endpoint>(RECOMMENDER),
];

/** What the contract says of a request: its endpoint, or that there is none. */
export function endpointOf({ method, path }: Pick<FuzzCase, "method" | "path">) {
  const parts = new URL(path, "http://fuzz.test").pathname.split("/");
  const isIngest = parts[1] === "api" && parts[2] === "ingest";
  const asked = isIngest ? ["", "api", "ingest"] : parts;
  return ENDPOINTS.find((endpoint) => {
    if (endpoint.method.toUpperCase() !== method) return false;
    const pattern = endpoint.path.split("/");
    return (
      pattern.length === asked.length &&
      pattern.every((part, at) => (part.startsWith("{") ? asked[at] !== "" : part === asked[at]))
    );
  });
}

/** What is wrong with the form of an answer, whatever it says: the promises of every call. */
export function flawsOfAnswer(one: FuzzCase, answer: Answer): string[] {
  const flaws: string[] = [];
  const endpoint = endpointOf(one);
  const { status, requestId, json } = answer;
  if (status >= 500) flaws.push(`answered ${status}: ${answer.text.slice(0, 200)}`);
  if (requestId === null || requestId === "") flaws.push("no X-Request-ID");
  if (one.method === "HEAD") return flaws;
  if (status >= 400) return [...flaws, ...flawsOfError(answer, endpoint)];
  if (endpoint === undefined) return [...flaws, `${status} where the contract has no call`];
  if (status !== 200) flaws.push(`the status ${status} is not documented`);
  const read = endpoint.response.safeParse(json);
  if (!read.success) {
    const issue = read.error.issues[0];
    flaws.push(`not the contract's body at ${issue?.path.join(".")}: ${issue?.message}`);
  }
  return flaws;
}

function flawsOfError(
  { status, requestId, json }: Answer,
  endpoint: Endpoint | undefined,
): string[] {
  const read = errorBody.safeParse(json);
  if (!read.success) return [`an error of another form with status ${status}`];
  const flaws: string[] = [];
  const { code, request_id } = read.data;
  if (request_id !== requestId) flaws.push("request_id is not the one of the header");
  const known = Object.hasOwn(ERROR_CODES, code)
    ? ERROR_CODES[code as keyof typeof ERROR_CODES]
    : undefined;
  if (known === undefined) flaws.push(`the code ${code} is unknown`);
  else if (known.status !== status) flaws.push(`${code} with status ${status}`);
  const expected = endpoint === undefined ? [404, 405] : failuresOf(endpoint);
  if (!expected.includes(status))
    flaws.push(`the status ${status} is not documented here (${code})`);
  return flaws;
}
