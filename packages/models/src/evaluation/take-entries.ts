import { stringAt, stringCount, type StringTable } from "@signalpath/contracts";

import { buildInteractions, type InteractionRow } from "../interactions/build.ts";
import type { Interactions } from "../interactions/types.ts";

/** All strings of a table, in its order. */
export function decodeTable(table: StringTable): string[] {
  return Array.from({ length: stringCount(table) }, (_, row) => stringAt(table, row));
}

/** Entries that `keep` says, as rows; `users` and `items` are the decoded tables. */
export function* rowsOf(
  { matrix, times }: Interactions,
  tables: { users: readonly string[]; items: readonly string[] },
  keep: (entry: number, user: number) => boolean,
): Generator<InteractionRow> {
  for (let user = 0; user + 1 < matrix.indptr.length; user++) {
    for (let at = matrix.indptr[user]!; at < matrix.indptr[user + 1]!; at++) {
      if (!keep(at, user)) continue;
      const time = times?.[at];
      yield {
        user_id: tables.users[user]!,
        item_id: tables.items[matrix.indices[at]!]!,
        weight: matrix.values[at]!,
        ...(time === undefined ? {} : { time }),
      };
    }
  }
}

/** The interactions of these entries alone: users and items without one are gone from the tables. */
export function takeEntries(
  interactions: Interactions,
  keep: (entry: number, user: number) => boolean,
): Interactions {
  const tables = { users: decodeTable(interactions.users), items: decodeTable(interactions.items) };
  return buildInteractions(rowsOf(interactions, tables, keep));
}
