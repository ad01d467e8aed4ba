import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";

import type { Db } from "./db.ts";
import { guard } from "./guard.ts";

/** A database and how to end it. */
export interface OpenDb {
  db: Db;
  close(): Promise<void>;
  /** One round trip; throws UnavailableError. */
  check(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * A pool of connections to a Postgres server (15 or newer). Connects at first use.
 *
 * @param options.max connections at most.
 * @param options.onError told of idle connections that broke; the pool replaces them.
 */
export function openPostgres(
  url: string,
  { max = 10, onError }: { max?: number; onError: (error: Error) => void },
): OpenDb {
  const pool = new Pool({
    connectionString: url,
    max,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // A server that fell silent never reports its own timeout.
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
  });
  pool.on("error", onError);
  // The pool listens to idle connections only: one that breaks inside a transaction, between two
  // statements, would end the process. Its next statement fails by itself.
  pool.on("connect", (client) => void client.on("error", () => undefined));
  const db: Db = drizzle(pool);
  return {
    db,
    close: () => pool.end(),
    check: () => guard(async () => void (await db.execute(sql`select 1`))),
  };
}
