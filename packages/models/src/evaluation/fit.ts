import { stringAt } from "@signalpath/contracts";

import { ModelError } from "../errors.ts";
import { fadeAsAsked } from "../interactions/fade.ts";
import type { Interactions } from "../interactions/types.ts";
import { modelKinds, type AnyModelKind } from "../registry.ts";
import { LIST_LENGTH, type Recommend } from "./judge-lists.ts";
import { createRandom } from "./random.ts";

/** A kind with parameters. */
export interface Candidate {
  kind: string;
  /** Those of the kind, and `half_life_items`. */
  parameters: Readonly<Record<string, unknown>>;
}

export interface FitOptions {
  seed: number;
  threads: number;
  memoryLimitBytes: number;
  onFraction?: (fraction: number) => void;
  /** Once aborted, a fit rejects with its reason. */
  signal?: AbortSignal;
}

export interface Fitted {
  kind: AnyModelKind;
  model: Awaited<ReturnType<AnyModelKind["train"]>>;
  /** Complete parameters, defaults included. */
  parameters: Readonly<Record<string, unknown>>;
}

/** @throws ModelError KIND_UNKNOWN. */
export function kindOf(name: string): AnyModelKind {
  const kind = Object.hasOwn(modelKinds, name) ? modelKinds[name] : undefined;
  if (kind === undefined)
    throw new ModelError(
      "KIND_UNKNOWN",
      `no kind ${name}; there are ${Object.keys(modelKinds).join(", ")}`,
    );
  return kind;
}

/**
 * Fits a candidate. `half_life_items` fades each person's weights by how many newer items they have
 * (0 or absent: none), where rows have times.
 * @throws ModelError, MODEL_TOO_LARGE before anything is allocated.
 */
export async function fit(
  candidate: Candidate,
  interactions: Interactions,
  { seed, threads, memoryLimitBytes, onFraction, signal }: FitOptions,
): Promise<Fitted> {
  const kind = kindOf(candidate.kind);
  const { data, own, fading } = fadeAsAsked(interactions, candidate.parameters);
  const model = await kind.train(data, own, {
    random: createRandom(seed, "fit"),
    workers: threads > 1 ? threads : 0,
    memoryLimitBytes,
    ...(signal === undefined ? {} : { signal }),
    onProgress: ({ fraction }) => onFraction?.(fraction),
  });
  return { kind, model, parameters: { ...model.hyperparameters, ...fading } };
}

/** Lists of a fitted model for people it was fitted on. */
export function recommendBy({ kind, model }: Pick<Fitted, "kind" | "model">): Recommend {
  return (user) => kind.score(model, { user }, { k: LIST_LENGTH }).map(({ item_id }) => item_id);
}

/**
 * Lists of any model for people of `train`, by what they have there: a model that knows them from
 * elsewhere gets no more than that.
 */
export function recommendFrom(
  { kind, model }: Pick<Fitted, "kind" | "model">,
  train: Interactions,
): Recommend {
  const rowOf = new Map(
    Array.from({ length: train.matrix.indptr.length - 1 }, (_, row) => [
      stringAt(train.users, row),
      row,
    ]),
  );
  return (user) => {
    const row = rowOf.get(user);
    if (row === undefined) return [];
    const { indptr, indices, values } = train.matrix;
    const own = indices.subarray(indptr[row], indptr[row + 1]);
    const seedItems = Array.from(own, (item) => stringAt(train.items, item));
    const weights = [...values.subarray(indptr[row], indptr[row + 1])];
    try {
      const list = kind.score(
        model,
        { seedItems, weights },
        { k: LIST_LENGTH, exclude: seedItems },
      );
      return list.map(({ item_id }) => item_id);
    } catch (error) {
      // It knows none of these items, so it has nothing to say.
      if ((error as { code?: unknown }).code === "UNKNOWN_SEEDS") return [];
      throw error;
    }
  };
}
