import { fileURLToPath } from "node:url";

import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";

import { rowsOf, type Db } from "./db.ts";
import { guard } from "./guard.ts";
import { MIGRATION_LOCK } from "./locks.ts";

/** Where drizzle-kit writes the migrations of this package; a bundled app carries them beside its bundle. */
export const MIGRATIONS_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith("migrate.ts") ? "../migrations" : "migrations", import.meta.url),
);
/** drizzle's own list of what was applied. */
export const JOURNAL = sql.raw(`drizzle.__drizzle_migrations`);

/**
 * Brings the tables up to date: every migration that is not in the journal, in order, all or none.
 * Any number of processes may call it at once; one works and the others find it done.
 *
 * @returns how many were applied.
 */
export async function migrate(db: Db, migrationsFolder = MIGRATIONS_FOLDER): Promise<number> {
  const migrations = readMigrationFiles({ migrationsFolder });
  return guard(() =>
    db.transaction(async (tx) => {
      await tx.execute(sql`select ${MIGRATION_LOCK}`);
      await tx.execute(sql`create schema if not exists drizzle`);
      await tx.execute(
        sql`create table if not exists ${JOURNAL} (id serial primary key, hash text not null, created_at bigint)`,
      );
      const [last] = await rowsOf<{ at: number | null }>(
        tx,
        sql`select max(created_at)::float8 as at from ${JOURNAL}`,
      );
      const pending = migrations.filter(({ folderMillis }) => folderMillis > (last?.at ?? 0));
      for (const migration of pending) {
        for (const statement of migration.sql) await tx.execute(sql.raw(statement));
        await tx.execute(
          sql`insert into ${JOURNAL} (hash, created_at) values (${migration.hash}, ${migration.folderMillis})`,
        );
      }
      return pending.length;
    }),
  );
}
