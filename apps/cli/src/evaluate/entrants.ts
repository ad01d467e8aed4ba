import { parameterIssues, type Candidate } from "@signalpath/models";

import { usageError } from "../exit-codes.ts";

/** A candidate with the name that a report has for it. */
export interface Entrant extends Candidate {
  name: string;
}

/**
 * Entrants of an evaluation from what was asked for: `ease`, or `ease{"lambda":100}` with parameters.
 * One of a kind that came before has a number: `ease 2`.
 * @throws CliError where parameters are no JSON object.
 */
export function entrantsOf(asked: readonly string[]): Entrant[] {
  const counts = new Map<string, number>();
  return asked.map((text) => {
    const candidate = candidateOf(text.trim());
    const count = (counts.get(candidate.kind) ?? 0) + 1;
    counts.set(candidate.kind, count);
    return { ...candidate, name: count === 1 ? candidate.kind : `${candidate.kind} ${count}` };
  });
}

/** Why an entrant cannot take part, in one line; undefined when it can. */
export function issueOf({ kind, parameters }: Candidate): string | undefined {
  const [issue] = parameterIssues(kind, parameters);
  if (issue === undefined) return undefined;
  return issue.path === "" ? issue.message : `${kind}, ${issue.path}: ${issue.message}`;
}

function candidateOf(text: string): Candidate {
  const brace = text.indexOf("{");
  if (brace < 0) return { kind: text, parameters: {} };
  let parameters: unknown;
  try {
    parameters = JSON.parse(text.slice(brace));
  } catch (cause) {
    throw usageError(`${text}: parameters are a JSON object (${(cause as Error).message})`);
  }
  return { kind: text.slice(0, brace).trim(), parameters: parameters as Candidate["parameters"] };
}
