import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";

import { rowsOf, type Db } from "./db.ts";
import { guard } from "./guard.ts";
import { JOURNAL, MIGRATIONS_FOLDER } from "./migrate.ts";

/** What a database is, as far as a deployment stands on it. */
export interface DatabaseDescription {
  /** `15.8` */
  version: string;
  /** Migrations of this release that are not applied. */
  pendingMigrations: number;
  /** Settings that let a power cut lose what was acknowledged: `fsync`, `synchronous_commit`. */
  unsafe: string[];
}

/** Reads only. Throws UnavailableError. */
export async function describeDatabase(db: Db): Promise<DatabaseDescription> {
  return guard(async () => {
    const [row] = await rowsOf<{
      version: string;
      fsync: string;
      synchronous_commit: string;
      journal: string | null;
    }>(
      db,
      sql`select current_setting('server_version') as version, current_setting('fsync') as fsync,
        current_setting('synchronous_commit') as synchronous_commit,
        to_regclass('drizzle.__drizzle_migrations')::text as journal`,
    );
    if (row === undefined) throw new Error("the database answered no row");
    const migrations = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
    let appliedUntil = 0;
    if (row.journal !== null) {
      const [last] = await rowsOf<{ at: number | null }>(
        db,
        sql`select max(created_at)::float8 as at from ${JOURNAL}`,
      );
      appliedUntil = last?.at ?? 0;
    }
    return {
      version: row.version.split(" ", 1)[0] ?? row.version,
      pendingMigrations: migrations.filter(({ folderMillis }) => folderMillis > appliedUntil)
        .length,
      unsafe: [
        ...(row.fsync === "on" ? [] : ["fsync"]),
        ...(row.synchronous_commit === "off" ? ["synchronous_commit"] : []),
      ],
    };
  });
}
