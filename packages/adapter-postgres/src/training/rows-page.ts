import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

import type { Rows } from "@signalpath/ports";

import { PAGE, rowsOf, type Db, type Tx } from "../db.ts";

/** One page of a table and how many rows all pages have. */
export async function rowsPage<Row>(
  db: Db,
  from: { table: SQLWrapper; columns: SQL; where: readonly (SQL | undefined)[]; order: SQL },
  { offset, limit }: { offset: number; limit: number },
): Promise<Rows<Row>> {
  const wanted = from.where.filter((part) => part !== undefined);
  const where = wanted.length === 0 ? sql`` : sql`where ${sql.join(wanted, sql` and `)}`;
  const [total] = await rowsOf<{ count: number }>(
    db,
    sql`select count(*)::int as count from ${from.table} ${where}`,
  );
  const rows = await rowsOf<Row>(
    db,
    sql`select ${from.columns} from ${from.table} ${where} order by ${from.order}
      offset ${offset} limit ${Math.min(limit, PAGE)}`,
  );
  return { count: total?.count ?? 0, rows };
}

/** First row of a statement. */
export async function oneRow<Row>(
  db: Pick<Db | Tx, "execute">,
  query: SQL,
): Promise<Row | undefined> {
  const [row] = await rowsOf<Row>(db, query);
  return row;
}

/** A condition, or none when there is nothing to compare with. */
export function equals(column: string, value: string | number | boolean | undefined) {
  return value === undefined ? undefined : sql`${sql.raw(column)} = ${value}`;
}

/** A value as JSON of the database. As text first: a driver would encode it a second time. */
export function json(value: unknown): SQL {
  return sql`${JSON.stringify(value)}::text::jsonb`;
}

/** Assignments of what is there, for an update. */
export function assignments(values: Readonly<Record<string, SQL | undefined>>): SQL {
  const parts = Object.entries(values).flatMap(([column, value]) =>
    value === undefined ? [] : [sql`${sql.raw(column)} = ${value}`],
  );
  return sql.join(parts, sql`, `);
}

/** A parameter, or nothing to assign when it was not given. */
export function given(value: string | number | boolean | null | undefined): SQL | undefined {
  return value === undefined ? undefined : sql`${value}`;
}
