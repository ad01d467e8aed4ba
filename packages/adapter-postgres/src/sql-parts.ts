import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

type ColumnType =
  | "boolean"
  | "double precision"
  | "int"
  | "jsonb"
  | "text"
  | "timestamptz"
  | "uuid";

/** An array as one parameter (interpolated plainly it would become a list of parameters). */
export function array(type: ColumnType, values: readonly unknown[]): SQL {
  return sql`${sql.param(values)}::${sql.raw(type)}[]`;
}

/**
 * Rows as a table of a statement: one parameter a column, however many rows.
 * @param columns by name: the type, and what a row has there.
 */
export function tableOf<Row>(
  alias: string,
  rows: readonly Row[],
  columns: Readonly<Record<string, readonly [ColumnType, (row: Row, place: number) => unknown]>>,
): SQL {
  const names = Object.keys(columns).join(", ");
  const values = Object.values(columns).map(([type, pick]) => array(type, rows.map(pick)));
  return sql`unnest(${sql.join(values, sql`, `)}) as ${sql.raw(`${alias}(${names})`)}`;
}

/** A moment as canonical ISO 8601 UTC text with milliseconds. */
export function isoTime(column: SQLWrapper): SQL {
  return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Milliseconds since 1970 as a moment. */
export function fromMs(ms: number): SQL {
  return sql`${new Date(ms).toISOString()}::timestamptz`;
}
