import { compareCodePoints } from "../events/order.ts";

/** What a split looks at. `time` in any unit, the same for all rows. */
export interface SplitRow {
  user_id: string;
  item_id: string;
  time: number;
}

export interface Split<T> {
  train: T[];
  test: T[];
}

export interface SplitOptions {
  /** One row in this many of a user is held out, rounded down: users with fewer are all train. */
  every?: number;
  /** Breaks ties; code point order unless told. */
  compareItems?: (left: string, right: string) => number;
}

/** Holds back each user's last floor(n / every) rows by (time, item id). Order of rows is free. */
export function splitByTime<T extends SplitRow>(
  rows: Iterable<T>,
  options: SplitOptions = {},
): Split<T> {
  const { compareItems = compareCodePoints } = options;
  return splitUsers(rows, options, (own) => {
    const ordered = own.toSorted(
      (left, right) => left.time - right.time || compareItems(left.item_id, right.item_id),
    );
    return ordered.reverse();
  });
}

/**
 * Holds back floor(n / every) of each user's rows by the order of `hash("<user>:<item>")`: as good as
 * random, yet the same for everybody who has the hash. The smallest are test.
 */
export function splitByHash<T extends SplitRow>(
  rows: Iterable<T>,
  hash: (text: string) => string,
  options: SplitOptions = {},
): Split<T> {
  return splitUsers(rows, options, (own) => {
    const keyed = own.map((row) => ({ row, key: hash(`${row.user_id}:${row.item_id}`) }));
    keyed.sort((left, right) => compareCodePoints(left.key, right.key));
    return keyed.map(({ row }) => row);
  });
}

function splitUsers<T extends SplitRow>(
  rows: Iterable<T>,
  { every = 5 }: SplitOptions,
  testFirst: (own: readonly T[]) => T[],
): Split<T> {
  const split: Split<T> = { train: [], test: [] };
  for (const own of rowsByUser(rows).values()) {
    const ordered = testFirst(own);
    const held = Math.floor(ordered.length / every);
    ordered.forEach((row, at) => (at < held ? split.test : split.train).push(row));
  }
  return split;
}

/** Rows of each user, in the order they came. */
export function rowsByUser<T extends { user_id: string }>(rows: Iterable<T>): Map<string, T[]> {
  const users = new Map<string, T[]>();
  for (const row of rows) {
    const own = users.get(row.user_id);
    if (own === undefined) users.set(row.user_id, [row]);
    else own.push(row);
  }
  return users;
}
