import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

/** An array as one parameter (interpolated plainly it would become a list of parameters). */
export function array(
  type: "boolean" | "double precision" | "int" | "jsonb" | "text" | "timestamptz" | "uuid",
  values: readonly unknown[],
): SQL {
  return sql`${sql.param(values)}::${sql.raw(type)}[]`;
}

/** A moment as canonical ISO 8601 UTC text with milliseconds. */
export function isoTime(column: SQLWrapper): SQL {
  return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Milliseconds since 1970 as a moment. */
export function fromMs(ms: number): SQL {
  return sql`${new Date(ms).toISOString()}::timestamptz`;
}
