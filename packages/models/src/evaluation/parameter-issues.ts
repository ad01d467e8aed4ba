import { ModelError } from "../errors.ts";
import { fadeAsAsked } from "../interactions/fade.ts";
import type { Interactions } from "../interactions/types.ts";
import { kindOf } from "./fit.ts";
import { trialsOf } from "./trials.ts";

/** One thing that is wrong, and where: `lambda`, `ease.lambda`; an empty path is the kind itself. */
interface ParameterIssue {
  path: string;
  message: string;
}

/** Any size: only what parameters themselves allow is asked. */
const SIZE = { users: 1, items: 1, entries: 1 };
const NO_ROWS: Interactions = {
  users: { bytes: new Uint8Array(), offsets: Uint32Array.of(0) },
  items: { bytes: new Uint8Array(), offsets: Uint32Array.of(0) },
  matrix: { indptr: Uint32Array.of(0), indices: new Uint32Array(), values: new Float32Array() },
  rows: 0,
};

/**
 * What a training would refuse of a kind and its parameters, told before there is any data: the
 * rules are those of the kinds themselves. Parts of a parameter that is an object are told one by one.
 * @returns nothing when all of it can be trained.
 */
export function parameterIssues(
  kind: string,
  parameters: Readonly<Record<string, unknown>>,
): ParameterIssue[] {
  if (kind !== "auto") {
    const unknown = refusal(() => kindOf(kind));
    if (unknown !== undefined) return [{ path: "", message: unknown }];
  }
  return Object.entries(parameters).flatMap(([name, value]) => issuesOf(kind, name, value));
}

function issuesOf(kind: string, name: string, value: unknown): ParameterIssue[] {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isObject && refusal(() => check(kind, { [name]: {} })) === undefined) {
    return Object.entries(value).flatMap(([part, one]) => {
      const message = refusal(() => check(kind, { [name]: { [part]: one } }));
      return message === undefined ? [] : [{ path: `${name}.${part}`, message }];
    });
  }
  const message = refusal(() => check(kind, { [name]: value }));
  return message === undefined ? [] : [{ path: name, message }];
}

function check(kind: string, parameters: Readonly<Record<string, unknown>>): void {
  if (kind === "auto") {
    trialsOf({ kind, parameters, tune: null, seed: 0 }, { timed: false });
    return;
  }
  kindOf(kind).estimateBytes(SIZE, fadeAsAsked(NO_ROWS, parameters).own);
}

/** Why a call is refused; undefined when it is not. */
function refusal(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}
