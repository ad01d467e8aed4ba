/** What a column of an upload can mean. */
export type Meaning = "user_id" | "item_id" | "weight" | "timestamp";
export const MEANINGS: readonly Meaning[] = ["user_id", "item_id", "weight", "timestamp"];

/** Names a file may use, best first; compared without case, spaces, `_` and `-`. */
export const COLUMN_NAMES: Record<Meaning, readonly string[]> = {
  user_id: ["user_id", "user", "visitor_id", "customer_id"],
  item_id: ["item_id", "item", "product_id", "content_id", "movie_id", "tip_id"],
  weight: ["weight", "rating", "value", "score"],
  timestamp: ["timestamp", "time", "occurred_at", "datetime", "date", "ts"],
};

/** Names the sender gives itself, by meaning. */
export type ColumnWishes = Partial<Record<Meaning, string>>;

/** Name of the file's column for each meaning that it has. */
export type ColumnMap = Partial<Record<Meaning, string>>;

/**
 * Finds the columns of a file by their names.
 * @returns the columns, or in one sentence what is wrong with them.
 */
export function findColumns(
  names: readonly string[],
  wishes: ColumnWishes = {},
): { columns: ColumnMap } | { problem: string } {
  const columns: ColumnMap = {};
  for (const meaning of MEANINGS) {
    const wish = wishes[meaning];
    const wanted = wish === undefined ? COLUMN_NAMES[meaning] : [wish];
    const found = wanted
      .map((name) => names.filter((each) => fold(each) === fold(name)))
      .find((hits) => hits.length > 0);
    if (found !== undefined && found.length > 1) {
      return { problem: `two columns are called ${found.join(" and ")}` };
    }
    if (found?.[0] !== undefined) columns[meaning] = found[0];
    else if (wish !== undefined) return { problem: `there is no column ${wish}` };
    else if (meaning === "user_id" || meaning === "item_id") {
      return { problem: `no ${meaning} column; it may be called ${wanted.join(", ")}` };
    }
  }
  return { columns };
}

/**
 * True when the first row of a table is data: no name we know, and a number in it. Its columns are
 * then user, item, weight, timestamp, in this order.
 */
export function isDataRow(cells: readonly string[]): boolean {
  const known = new Set(Object.values(COLUMN_NAMES).flat().map(fold));
  if (cells.some((cell) => known.has(fold(cell)))) return false;
  return cells.some((cell) => /^-?\d+(?:\.\d+)?$/.test(cell.trim()));
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, "");
}
