import type { ModelTensor, StringTable } from "@signalpath/contracts";

import type { Interactions, SparseRows } from "../interactions/types.ts";

/** What a model of any kind carries; `core` is the kind's own. */
export interface Model<Core = unknown> {
  kind: string;
  /** Ascending by UTF-8 bytes: row i is item i. */
  items: StringTable;
  users: StringTable;
  /** Users x items: what each user had in training, with its weight as input. */
  history: SparseRows;
  /** Complete: what was given and the defaults of the rest. */
  hyperparameters: object;
  core: Core;
}

/** Whom to score for: a user of the training, or whoever has these items. */
export type Query =
  | { user: string }
  | {
      /** Unknown ones count for nothing; a repeated one counts once. */
      seedItems: readonly string[];
      /** Weight of each seed, above 0; 1 unless given. */
      weights?: readonly number[];
    }
  | {
      /** The same for callers that know the rows: 0 to below the number of items, others count for nothing. */
      seedRows: readonly number[];
      weights?: readonly number[];
    };

export interface ScoreOptions {
  /** Items of the list at most, 1 or more. */
  k: number;
  /** Ids left out beside those of the user or the seeds. */
  exclude?: Iterable<string>;
  /** Let what the user has, and the seeds, into the list. */
  includeSeen?: boolean;
}

export interface ScoredItem {
  item_id: string;
  /** Finite; comparable within one list only. */
  score: number;
}

/** Why an item has its score: `score = base + sum of all contributions`, up to rounding. */
export interface Explanation {
  score: number;
  /** What does not come from an item of the input. */
  base: number;
  /** By absolute size, largest first; those of 0 are left out. */
  contributions: { item_id: string; contribution: number }[];
}

/** A value's bounds, inclusive, or its choices: also the space that tuning searches. */
export type ParameterRule =
  | { min: number; max: number; integer?: true; log?: true }
  | { oneOf: readonly string[] };
export type ParameterRules = Readonly<Record<string, ParameterRule>>;

export interface TrainProgress {
  stage: string;
  /** Share of the stage that is done, 0..1. */
  fraction: number;
}

export interface TrainOptions {
  /** In [0, 1); the same seed gives the same bits. */
  random: () => number;
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** Aborted: `train` rejects with its reason, and no thread is left. */
  signal?: AbortSignal | undefined;
  /** Threads beside this one; 0 (default) works on this one, with turns for others in between. */
  workers?: number | undefined;
  /** Largest sum of what training and model may allocate; 2 GiB unless told. */
  memoryLimitBytes?: number | undefined;
}

/** Size of a training. */
export interface TrainSize {
  users: number;
  items: number;
  /** Distinct (user, item) pairs. */
  entries: number;
}

export interface EncodedModel {
  metadata: { kind: string; hyperparameters: Readonly<Record<string, unknown>> };
  tensors: ReadonlyMap<string, ModelTensor>;
}

export interface ModelKind<Parameters extends object, Core> {
  readonly name: string;
  readonly defaults: Readonly<Parameters>;
  /** What tuning may vary. */
  readonly rules: ParameterRules;
  /** Bytes that `train` allocates at its peak, model included; an upper estimate. */
  estimateBytes(size: TrainSize, parameters: Partial<Parameters>): number;
  /**
   * Throws PARAMETERS_INVALID, INTERACTIONS_INVALID when there are none, MODEL_TOO_LARGE before
   * anything is allocated.
   */
  train(
    interactions: Interactions,
    parameters: Partial<Parameters>,
    options: TrainOptions,
  ): Promise<Model<Core>>;
  /** Best first, ties by item id. Throws UNKNOWN_USER or UNKNOWN_SEEDS. */
  score(model: Model<Core>, query: Query, options: ScoreOptions): ScoredItem[];
  /** Scores of all items in the order of `model.items`; NaN where there is no evidence. */
  scoreAll(model: Model<Core>, query: Query): Float64Array;
  /** What is most alike these items, without them. Throws UNKNOWN_SEEDS. */
  related(model: Model<Core>, seedItems: readonly string[], options: ScoreOptions): ScoredItem[];
  /** Throws UNKNOWN_USER, UNKNOWN_SEEDS or UNKNOWN_ITEM. */
  explain(model: Model<Core>, query: Query, itemId: string): Explanation;
  encode(model: Model<Core>): EncodedModel;
  /** Views, nothing copied. Throws TENSORS_INVALID or PARAMETERS_INVALID. */
  decode(encoded: EncodedModel): Model<Core>;
}
