import { sql, type SQL } from "drizzle-orm";

import { rowsOf, type Tx } from "./db.ts";

// Advisory locks with one key belong to projects, those with two keys to everything else.
const LINKS_CLASS = 0x5301;
const OTHERS_CLASS = 0x5302;
const LOG_LOCK = 1;
export const MIGRATION_LOCK = sql`pg_advisory_xact_lock(${sql.raw(`${OTHERS_CLASS}, 2`)})`;

/** One claim of a training run at a time. */
export async function lockClaims(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(`${OTHERS_CLASS}, 3`)})`);
}

const logLock = (form: "" | "_shared"): SQL =>
  sql.raw(`pg_advisory_xact_lock${form}(${OTHERS_CLASS}, ${LOG_LOCK})`);

/**
 * What every writer of user data holds until it commits, so that an erasure, which takes the other
 * form, sees all of a project's rows. Ascending order: two writers cannot wait for each other.
 */
export async function lockProjectsShared(tx: Tx, projectIds: readonly number[]): Promise<void> {
  const locks = ascending(projectIds).map((id) => sql`pg_advisory_xact_lock_shared(${id}::bigint)`);
  if (locks.length > 0) await tx.execute(sql`select ${sql.join(locks, sql`, `)}`);
}

/** The same, and the shared form of the log's lock: the writer will draw sequence numbers. */
export async function lockForArchiving(tx: Tx, projectIds: readonly number[]): Promise<void> {
  const locks = ascending(projectIds).map((id) => sql`pg_advisory_xact_lock_shared(${id}::bigint)`);
  await tx.execute(sql`select ${sql.join([...locks, logLock("_shared")], sql`, `)}`);
}

/** Alone in a project: no writer is between its first look at the tombstones and its commit. */
export async function lockProject(tx: Tx, projectId: number): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${projectId}::bigint)`);
}

/** Alone in deciding links of these projects. Taken after event rows, before item hours. */
export async function lockLinks(tx: Tx, projectIds: readonly number[]): Promise<void> {
  const locks = ascending(projectIds).map(
    (id) => sql`pg_advisory_xact_lock(${sql.raw(String(LINKS_CLASS))}, ${id}::int)`,
  );
  await tx.execute(sql`select ${sql.join(locks, sql`, `)}`);
}

/** Waits until every sequence number drawn so far is committed or gone. */
export async function lockLog(tx: Tx): Promise<void> {
  await rowsOf(tx, sql`select ${logLock("")}`);
}

function ascending(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}
