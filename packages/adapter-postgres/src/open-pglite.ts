import { stat } from "node:fs/promises";
import { join } from "node:path";

import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/pglite";

import { lockDataDir } from "./data-dir-lock.ts";
import type { Db } from "./db.ts";
import { guard } from "./guard.ts";
import { createLoopTurns } from "./loop-turns.ts";
import type { OpenDb } from "./open-postgres.ts";

const LOCK_WAIT_MS = 10_000;
/** Files, sockets and timers wait for queries this long at most, and for the one under way. */
const LOOP_STANDS_MS = 20;
/** One connection of one process: Postgres' own default of 128 MB would only sit there. */
const START_PARAMS = [...PGlite.defaultStartParams, "-c", "shared_buffers=16MB"];

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
    client = await create(dataDir);
  } catch (error) {
    await release?.();
    throw error;
  }
  const db: Db = drizzle(letLoopTurn(client));
  return {
    db,
    close: async () => {
      await client.close();
      await release?.();
    },
    check: () => guard(async () => void (await db.execute(sql`select 1`))),
  };
}

/** Making a new directory leaves 400 MB of its tools in memory; a client opened after it has none. */
async function create(dataDir: string | undefined): Promise<PGlite> {
  if (dataDir === undefined) return PGlite.create({ startParams: START_PARAMS });
  if (!(await isThere(join(dataDir, "PG_VERSION")))) {
    const maker = await PGlite.create({ dataDir, startParams: START_PARAMS });
    await maker.close();
  }
  return PGlite.create({ dataDir, startParams: START_PARAMS });
}

/** The client, behind which the event loop turns however busy its callers are. */
function letLoopTurn(client: PGlite): PGlite {
  const turn = createLoopTurns(LOOP_STANDS_MS);
  return new Proxy(client, {
    get(_, name) {
      const value: unknown = Reflect.get(client, name, client);
      if (typeof value !== "function") return value;
      const call = (...given: unknown[]): unknown => Reflect.apply(value, client, given);
      if (name !== "query" && name !== "transaction") return call;
      return (...given: unknown[]) => turn()?.then(() => call(...given)) ?? call(...given);
    },
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
