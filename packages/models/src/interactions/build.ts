import { encodeStrings, sortForSearch } from "@signalpath/contracts";

import { ModelError } from "../errors.ts";
import { sharedF32, sharedU32 } from "../workers/shared.ts";
import type { Interactions } from "./types.ts";

export interface InteractionRow {
  user_id: string;
  item_id: string;
  /** Finite; what is not above 0 (as float32) is left out. */
  weight: number;
  /** Milliseconds since 1970: in all rows or in none. */
  time?: number;
}

export interface BuildOptions {
  /** One more throws TOO_MANY_ROWS. */
  maxRows?: number;
  /**
   * Weight of an item a user has more than once: the largest (default), the sum, or that of the row
   * with the latest time (of equal times the largest). The time is the latest in every case.
   */
  duplicates?: "max" | "sum" | "last";
}

export interface InteractionsBuilder {
  add(row: InteractionRow): void;
  build(): Interactions;
}

const DEFAULT_MAX_ROWS = 50_000_000;

/**
 * Collects rows into a matrix; the order of rows does not matter. Throws TOO_MANY_ROWS, or
 * INTERACTIONS_INVALID: an empty id, a lone surrogate in one, a weight or time that is not finite,
 * a time in some rows only.
 */
export function createInteractionsBuilder(options: BuildOptions = {}): InteractionsBuilder {
  const { maxRows = DEFAULT_MAX_ROWS, duplicates = "max" } = options;
  const users = createInterner();
  const items = createInterner();
  const rows: Rows = { user: [], item: [], weight: [], time: [] };
  let taken = 0;
  let timed: boolean | undefined;

  return {
    add({ user_id, item_id, weight, time }) {
      if (taken >= maxRows) {
        throw new ModelError("TOO_MANY_ROWS", `more than ${maxRows} rows`);
      }
      if (!Number.isFinite(weight)) throw invalid("a weight that is not finite");
      if (time !== undefined && !Number.isFinite(time)) throw invalid("a time that is not finite");
      timed ??= time !== undefined;
      if (timed !== (time !== undefined)) throw invalid("a time in some rows only");
      taken += 1;
      const single = Math.fround(weight);
      if (single === Number.POSITIVE_INFINITY) throw invalid("a weight beyond float32");
      if (single <= 0) return;
      rows.user.push(users.intern(user_id));
      rows.item.push(items.intern(item_id));
      rows.weight.push(single);
      rows.time.push(time ?? 0);
    },
    build: () => assemble(rows, users.ids, items.ids, { duplicates, timed: timed === true, taken }),
  };
}

/** Matrix of rows; see `createInteractionsBuilder`. */
export function buildInteractions(
  rows: Iterable<InteractionRow>,
  options: BuildOptions = {},
): Interactions {
  const builder = createInteractionsBuilder(options);
  for (const row of rows) builder.add(row);
  return builder.build();
}

interface Rows {
  user: number[];
  item: number[];
  weight: number[];
  time: number[];
}

function assemble(
  rows: Rows,
  userIds: readonly string[],
  itemIds: readonly string[],
  how: { duplicates: "max" | "sum" | "last"; timed: boolean; taken: number },
): Interactions {
  const users = sortForSearch(userIds);
  const items = sortForSearch(itemIds);
  const userRow = ranks(userIds, users);
  const itemRow = ranks(itemIds, items);
  const order = Array.from(rows.user.keys()).sort(
    (a, b) =>
      userRow[rows.user[a]!]! - userRow[rows.user[b]!]! ||
      itemRow[rows.item[a]!]! - itemRow[rows.item[b]!]! ||
      rows.time[a]! - rows.time[b]! ||
      rows.weight[a]! - rows.weight[b]!,
  );
  let entries = 0;
  const same = (a: number | undefined, b: number) =>
    a !== undefined && rows.user[a] === rows.user[b] && rows.item[a] === rows.item[b];
  order.forEach((row, at) => {
    if (!same(order[at - 1], row)) entries += 1;
  });
  const matrix = {
    indptr: sharedU32(users.length + 1),
    indices: sharedU32(entries),
    values: sharedF32(entries),
  };
  const times = new Float64Array(how.timed ? entries : 0);
  let entry = -1;
  order.forEach((row, at) => {
    const weight = rows.weight[row]!;
    if (same(order[at - 1], row)) {
      const before = matrix.values[entry]!;
      matrix.values[entry] = { max: Math.max(before, weight), sum: before + weight, last: weight }[
        how.duplicates
      ];
    } else {
      entry += 1;
      matrix.indices[entry] = itemRow[rows.item[row]!]!;
      matrix.values[entry] = weight;
      matrix.indptr[userRow[rows.user[row]!]! + 1]! += 1;
    }
    if (how.timed) times[entry] = rows.time[row]!;
  });
  for (let u = 0; u < users.length; u++) matrix.indptr[u + 1]! += matrix.indptr[u]!;
  if (!matrix.values.every(Number.isFinite)) throw invalid("a sum of weights beyond float32");
  return {
    users: encodeStrings(users),
    items: encodeStrings(items),
    matrix,
    ...(how.timed ? { times } : {}),
    rows: how.taken,
  };
}

function createInterner(): { ids: string[]; intern(id: string): number } {
  const ids: string[] = [];
  const known = new Map<string, number>();
  return {
    ids,
    intern(id) {
      const row = known.get(id);
      if (row !== undefined) return row;
      if (id === "" || !id.isWellFormed()) throw invalid("an id that is empty or no Unicode text");
      known.set(id, ids.length);
      return ids.push(id) - 1;
    },
  };
}

/** Place of each id in the sorted list. */
function ranks(ids: readonly string[], sorted: readonly string[]): Uint32Array {
  const place = new Map(sorted.map((id, at) => [id, at]));
  return Uint32Array.from(ids, (id) => place.get(id) as number);
}

function invalid(what: string): ModelError {
  return new ModelError("INTERACTIONS_INVALID", what);
}
