import {
  fadeAsAsked,
  LIST_LENGTH,
  modelKinds,
  type AnyModelKind,
  type Interactions,
  type Recommend,
} from "@signalpath/models";

import { usageError } from "../exit-codes.ts";
import { createRandom } from "./random.ts";

/** A kind with parameters: those of the kind, and `half_life_items` as a training takes it. */
export interface Candidate {
  kind: string;
  parameters: Readonly<Record<string, unknown>>;
}

export interface FitOptions {
  seed: number;
  threads: number;
  memoryLimitBytes: number;
  signal: AbortSignal;
}

export interface Fitted {
  /** Complete: defaults included. */
  parameters: Record<string, unknown>;
  /** Items the person has not had, best first. */
  recommend: Recommend;
}

/** @throws CliError for a kind that is not there. */
export function kindOf(name: string): AnyModelKind {
  const kind = Object.hasOwn(modelKinds, name) ? modelKinds[name] : undefined;
  if (kind !== undefined) return kind;
  throw usageError(`no kind ${name}; there are ${Object.keys(modelKinds).join(", ")}`);
}

/**
 * Fits a candidate. `half_life_items` (above 0) fades each person's weights by how many newer items
 * they have, where rows have times.
 * @throws ModelError; the reason of `signal` when it is aborted.
 */
export async function fit(
  { kind: name, parameters }: Candidate,
  interactions: Interactions,
  { seed, threads, memoryLimitBytes, signal }: FitOptions,
): Promise<Fitted> {
  const kind = kindOf(name);
  const { data, own, fading } = fadeAsAsked(interactions, parameters);
  const model = await kind.train(data, own, {
    random: createRandom(seed, "fit"),
    workers: threads > 1 ? threads : 0,
    memoryLimitBytes,
    signal,
  });
  return {
    parameters: { ...model.hyperparameters, ...fading },
    recommend: (user) =>
      kind.score(model, { user }, { k: LIST_LENGTH }).map(({ item_id }) => item_id),
  };
}
