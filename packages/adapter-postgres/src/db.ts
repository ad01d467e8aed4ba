import type { SQL } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";

/** What fits both `pg` (a pool) and PGlite. */
export type Db = PgDatabase<PgQueryResultHKT>;
/** Inside a transaction only this handle: on PGlite a query past it waits for ever. */
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];
export type TransactionConfig = NonNullable<Parameters<Db["transaction"]>[1]>;

/** Most rows one statement reads: 137,000 in one go block an embedded database for seconds. */
export const PAGE = 2_000;

/** Rows of a statement; both drivers answer them under `rows`. */
export async function rowsOf<Row>(db: Pick<Db, "execute">, query: SQL): Promise<Row[]> {
  const result: unknown = await db.execute(query);
  return (result as { rows: Row[] }).rows;
}
