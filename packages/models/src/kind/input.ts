import { findString, stringCount, type StringTable } from "@signalpath/contracts";

import { ModelError } from "../errors.ts";
import type { Model, Query } from "./types.ts";

/** Items somebody has, as rows of a model, with their weights. */
export interface Input {
  rows: Uint32Array;
  weights: Float32Array;
  /** Row of the user, where one was named. */
  user?: number;
}

/** Input of a query. Throws UNKNOWN_USER, UNKNOWN_SEEDS or PARAMETERS_INVALID. */
export function inputOf(model: Model, query: Query, mayBeEmpty: boolean): Input {
  if ("user" in query) {
    const user = findString(model.users, query.user);
    if (user < 0) throw new ModelError("UNKNOWN_USER", "the model does not know this user");
    const { indptr, indices, values } = model.history;
    const [begin, end] = [indptr[user]!, indptr[user + 1]!];
    return { rows: indices.subarray(begin, end), weights: values.subarray(begin, end), user };
  }
  const weightOf = new Map<number, number>();
  const seeds =
    "seedRows" in query ? query.seedRows : query.seedItems.map((id) => findString(model.items, id));
  const count = stringCount(model.items);
  seeds.forEach((row, at) => {
    const weight = query.weights === undefined ? 1 : query.weights[at];
    if (weight === undefined || !(Math.fround(weight) > 0) || !Number.isFinite(weight)) {
      throw new ModelError("PARAMETERS_INVALID", "weights of seeds are above 0, one for each");
    }
    if (row >= 0 && row < count) weightOf.set(row, Math.max(weight, weightOf.get(row) ?? 0));
  });
  if (weightOf.size === 0 && !mayBeEmpty) {
    throw new ModelError("UNKNOWN_SEEDS", "the model knows none of the seed items");
  }
  // Ascending as in a history: sums, and so scores, do not depend on the order of seeds.
  const rows = Uint32Array.from(weightOf.keys()).sort();
  return { rows, weights: Float32Array.from(rows, (row) => weightOf.get(row) as number) };
}

/** Rows of the ids that the table has. */
export function rowsOf(table: StringTable, ids: Iterable<string>): number[] {
  const rows: number[] = [];
  for (const id of ids) {
    const row = findString(table, id);
    if (row >= 0) rows.push(row);
  }
  return rows;
}
