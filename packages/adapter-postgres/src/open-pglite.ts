import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/pglite";

import { lockDataDir } from "./data-dir-lock.ts";
import type { Db } from "./db.ts";
import { guard } from "./guard.ts";
import type { OpenDb } from "./open-postgres.ts";

const LOCK_WAIT_MS = 10_000;

/**
 * The embedded database: Postgres in this process, one connection, no fsync (it survives kill -9
 * but not a power cut). Without a directory it lives in memory. PGlite itself has no lock, so the
 * directory is held exclusively until `close`.
 *
 * @throws DataDirLockedError when another process still holds it after `lockWaitMs`.
 */
export async function openPglite(
  dataDir: string | undefined,
  { lockWaitMs = LOCK_WAIT_MS }: { lockWaitMs?: number } = {},
): Promise<OpenDb> {
  const release = dataDir === undefined ? undefined : await lockDataDir(dataDir, lockWaitMs);
  let client: PGlite;
  try {
    client = await PGlite.create(dataDir === undefined ? {} : { dataDir });
  } catch (error) {
    await release?.();
    throw error;
  }
  const db: Db = drizzle(client);
  return {
    db,
    close: async () => {
      await client.close();
      await release?.();
    },
    check: () => guard(async () => void (await db.execute(sql`select 1`))),
  };
}
