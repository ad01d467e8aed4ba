import { stat } from "node:fs/promises";
import { join } from "node:path";

import { PGlite, type Transaction } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/pglite";

import { lockDataDir } from "./data-dir-lock.ts";
import type { Db } from "./db.ts";
import { guard } from "./guard.ts";
import { createLoopTurns } from "./loop-turns.ts";
import type { OpenDb } from "./open-postgres.ts";

const LOCK_WAIT_MS = 10_000;
/** Files, sockets and timers wait for queries so long, and for the one that is under way. */
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
  const turning = letLoopTurn(client);
  const db: Db = drizzle(turning);
  return {
    db,
    close: async () => {
      await turning.close();
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

/**
 * The client, behind which the event loop turns however busy its callers are. Calls stand in one line,
 * as they would at the client itself, and each asks for a turn when it is first: also the last of a
 * thousand that came at once, the queries of a transaction, and `close`, which waits for what came before.
 */
function letLoopTurn(client: PGlite): PGlite {
  const turn = createLoopTurns(LOOP_STANDS_MS);
  let last: Promise<unknown> = Promise.resolve();
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(turn).then(work);
    last = done.catch(() => {}); // Told to who asked.
    return done;
  };
  const turningIn = (tx: Transaction): Transaction =>
    behind(tx, {
      query: async (...given) => {
        await turn();
        return tx.query(...given);
      },
    });
  return behind(client, {
    query: (...given) => inLine(() => client.query(...given)),
    transaction: (work) => inLine(() => client.transaction((tx) => work(turningIn(tx)))),
    close: () => inLine(() => client.close()),
  });
}

/** The same object with some methods of its own. */
function behind<T extends object>(target: T, own: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name);
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => Reflect.apply(value, target, given);
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
