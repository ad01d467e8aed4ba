import { findString, stringAt, stringCount, type ModelTensor } from "@signalpath/contracts";
import { topK } from "@signalpath/linalg";

import { asModelError, ModelError } from "../errors.ts";
import type { Interactions } from "../interactions/types.ts";
import { createWorkerPool, type WorkerPool } from "../workers/pool.ts";
import { inputOf, rowsOf, type Input } from "./input.ts";
import { checkParameters } from "./parameters.ts";
import { sparse, sparseTensors, stringTable, stringTensors, type Tensors } from "./tensors.ts";
import type {
  Explanation,
  Model,
  ModelKind,
  ParameterRules,
  Query,
  ScoredItem,
  ScoreOptions,
  TrainOptions,
  TrainSize,
} from "./types.ts";

/** What fitting gets beside the data. */
export interface FitContext {
  pool: WorkerPool;
  random: () => number;
  signal: AbortSignal | undefined;
  /** Hears the share of a stage. */
  stage: (name: string) => (fraction: number) => void;
}

/** The part that differs from kind to kind. */
export interface KindSpec<Parameters extends object, Core> {
  name: string;
  defaults: Parameters;
  rules: ParameterRules;
  /** Beyond the rules; throws PARAMETERS_INVALID. */
  complete?: (given: object) => Parameters;
  /** Whether an empty input has scores too. */
  needsNoInput?: true;
  estimateBytes(size: TrainSize, parameters: Parameters): number;
  fit(interactions: Interactions, parameters: Parameters, context: FitContext): Promise<Core>;
  /** Scores of all items; NaN where there is no evidence. */
  scoreAll: (model: Model<Core>, input: Input) => Float64Array;
  /** Likeness of all items to the input; `scoreAll` unless given. */
  relateAll?: (model: Model<Core>, input: Input) => Float64Array;
  /** What each entry of the input gives to the score of one item; the rest is the base. */
  contributions(model: Model<Core>, input: Input, item: number): Float64Array;
  tensors(core: Core): [string, ModelTensor][];
  /** Throws TENSORS_INVALID. */
  core(tensors: Tensors, size: { users: number; items: number }, parameters: Parameters): Core;
}

const DEFAULT_LIMIT = 2 * 2 ** 30;

/** A kind from its own part: queries, lists, reasons, limits and common tensors are the same for all. */
export function createKind<Parameters extends object, Core>(
  spec: KindSpec<Parameters, Core>,
): ModelKind<Parameters, Core> {
  const complete =
    spec.complete ?? ((given: object) => checkParameters(given, spec.defaults, spec.rules));
  const input = (model: Model<Core>, query: Query) =>
    inputOf(model, query, spec.needsNoInput === true);
  return {
    name: spec.name,
    defaults: spec.defaults,
    rules: spec.rules,
    estimateBytes: (size, parameters) => spec.estimateBytes(size, complete(parameters)),
    train: (interactions, given, options) => train(spec, interactions, complete(given), options),
    scoreAll: (model, query) => spec.scoreAll(model, input(model, query)),
    score(model, query, options) {
      const own = input(model, query);
      return list(model, own, spec.scoreAll(model, own), options);
    },
    related(model, seedItems, options) {
      const own = input(model, { seedItems });
      return list(model, own, (spec.relateAll ?? spec.scoreAll)(model, own), options);
    },
    explain(model, query, itemId) {
      const own = input(model, query);
      const item = findString(model.items, itemId);
      if (item < 0) throw new ModelError("UNKNOWN_ITEM", "the model does not know this item");
      return explain(spec, model, own, item);
    },
    encode: (model) => ({
      metadata: { kind: spec.name, hyperparameters: { ...model.hyperparameters } },
      tensors: new Map([
        ...stringTensors("item_ids", model.items),
        ...stringTensors("user_ids", model.users),
        ...sparseTensors("history", model.history),
        ...spec.tensors(model.core),
      ]),
    }),
    decode({ metadata, tensors }) {
      const hyperparameters = complete(metadata.hyperparameters);
      const items = stringTable(tensors, "item_ids");
      const users = stringTable(tensors, "user_ids");
      const size = { users: stringCount(users), items: stringCount(items) };
      const history = sparse(tensors, "history", size.users, size.items);
      const core = spec.core(tensors, size, hyperparameters);
      return { kind: spec.name, items, users, history, hyperparameters, core };
    },
  };
}

async function train<Parameters extends object, Core>(
  spec: KindSpec<Parameters, Core>,
  interactions: Interactions,
  parameters: Parameters,
  options: TrainOptions,
): Promise<Model<Core>> {
  const { random, onProgress, signal, workers = 0, memoryLimitBytes = DEFAULT_LIMIT } = options;
  signal?.throwIfAborted();
  const { users, items, matrix } = interactions;
  const size = {
    users: stringCount(users),
    items: stringCount(items),
    entries: matrix.indices.length,
  };
  if (size.entries === 0) throw new ModelError("INTERACTIONS_INVALID", "no interactions");
  const bytes = spec.estimateBytes(size, parameters);
  if (!(bytes <= memoryLimitBytes)) {
    throw new ModelError(
      "MODEL_TOO_LARGE",
      `${spec.name} of ${size.users} users and ${size.items} items needs about ` +
        `${Math.ceil(bytes / 2 ** 20)} MiB, allowed are ${Math.floor(memoryLimitBytes / 2 ** 20)}`,
    );
  }
  const pool = createWorkerPool(workers);
  try {
    const stage = (name: string) => (fraction: number) => onProgress?.({ stage: name, fraction });
    const core = await spec.fit(interactions, parameters, { pool, random, signal, stage });
    return { kind: spec.name, items, users, history: matrix, hyperparameters: parameters, core };
  } catch (error) {
    throw asModelError(error);
  } finally {
    await pool.close();
  }
}

function list(
  model: Model,
  input: Input,
  scores: Float64Array,
  { k, exclude = [], includeSeen = false }: ScoreOptions,
): ScoredItem[] {
  if (!Number.isInteger(k) || k < 1) {
    throw new ModelError("PARAMETERS_INVALID", "k is a whole number of 1 or more");
  }
  const leftOut = new Uint8Array(scores.length);
  for (const row of rowsOf(model.items, exclude)) leftOut[row] = 1;
  if (!includeSeen) for (const row of input.rows) leftOut[row] = 1;
  return Array.from(topK(scores, k, leftOut), (row) => ({
    item_id: stringAt(model.items, row),
    score: scores[row]!,
  }));
}

function explain<Parameters extends object, Core>(
  spec: KindSpec<Parameters, Core>,
  model: Model<Core>,
  input: Input,
  item: number,
): Explanation {
  const values = spec.contributions(model, input, item);
  const whole = spec.scoreAll(model, input)[item]!;
  // No evidence, no score: nothing contributes.
  const score = Number.isFinite(whole) ? whole : 0;
  const contributions = Array.from(input.rows, (row, at) => ({
    item_id: stringAt(model.items, row),
    contribution: values[at]!,
  }))
    .filter(({ contribution }) => contribution !== 0)
    .sort((left, right) => Math.abs(right.contribution) - Math.abs(left.contribution));
  const base = score - contributions.reduce((sum, { contribution }) => sum + contribution, 0);
  return { score, base, contributions };
}
