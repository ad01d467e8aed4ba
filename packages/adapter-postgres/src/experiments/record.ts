import { sql } from "drizzle-orm";

import { userKey, type Sha256, type UserKey } from "@signalpath/domain";
import { assertId, KeyReusedError, type Clock, type Once, type Recorded } from "@signalpath/ports";

import { readErased } from "../archive/read-erased.ts";
import { rowsOf, type Db, type Tx } from "../db.ts";
import { lockProjectsShared } from "../locks.ts";
import { answeredCalls } from "../schema/experiments.ts";
import { tombstones } from "../schema/identity.ts";
import { fromMs } from "../sql-parts.ts";
import { transactWithRefusals, type Own } from "./refusals.ts";
import { json } from "../training/rows-page.ts";

export interface Keys {
  user: UserKey;
  anonymous: UserKey;
}

export interface Recording {
  db: Db;
  sha256: Sha256;
  now: Clock;
  newId: () => string;
}

export interface Writing<T> {
  projectId: number;
  rows: readonly T[];
  once: Once | undefined;
  unitOf: (row: T) => string;
  /** Stores what is allowed; answers how many rows are new, and how many units turned. */
  store: (
    tx: Tx,
    kept: readonly T[],
    keysOf: (unit: string) => Keys,
  ) => Promise<{ recorded: number; flipped: number }>;
}

/**
 * One call as one transaction. Locks are taken in one order everywhere: project, key of the call,
 * rows in the order of their keys.
 */
export async function record<T extends { occurred_at: string; event_id: string }>(
  { db, sha256, now }: Recording,
  { projectId, rows, once, unitOf, store }: Writing<T>,
): Promise<Recorded> {
  for (const row of rows) assertId("user_id", unitOf(row));
  const keysOf = rememberedKeys(sha256, projectId);
  return transactWithRefusals(db, async (tx, own) => {
    await lockProjectsShared(tx, [projectId]);
    if (once !== undefined) {
      const before = await claimCall<Recorded>(tx, own, projectId, { ...once, nowMs: now() });
      if (before !== undefined) return before;
    }
    const erased = await erasedPlaces(tx, projectId, now(), rows, (row) => keysOf(unitOf(row)));
    const gone = new Set(erased);
    const kept = rows.filter((_, place) => !gone.has(place));
    const { recorded, flipped } =
      kept.length === 0 ? { recorded: 0, flipped: 0 } : await store(tx, kept, keysOf);
    const answer: Recorded = {
      recorded,
      deduplicated: kept.length - recorded,
      flipped,
      erased,
      replayed: false,
    };
    if (once !== undefined) {
      await keepAnswer(tx, projectId, once, answer);
    }
    return answer;
  });
}

function rememberedKeys(sha256: Sha256, projectId: number): (unit: string) => Keys {
  const known = new Map<string, Keys>();
  return (unit) => {
    let keys = known.get(unit);
    if (keys === undefined) {
      keys = {
        user: userKey(sha256, projectId, "user", unit),
        anonymous: userKey(sha256, projectId, "anonymous", unit),
      };
      known.set(unit, keys);
    }
    return keys;
  };
}

/**
 * Waits for a twin under way.
 * @returns the answer of a call that was there before. Throws KeyReusedError.
 */
export async function claimCall<T extends { replayed: boolean }>(
  tx: Tx,
  own: Own,
  projectId: number,
  { key, digest, nowMs }: Once & { nowMs: number },
): Promise<T | undefined> {
  const claimed = await rowsOf(
    tx,
    sql`insert into ${answeredCalls} (project_id, key, digest, created_at)
      values (${projectId}, ${key}, ${digest}, ${fromMs(nowMs)})
      on conflict do nothing returning key`,
  );
  if (claimed.length > 0) return undefined;
  const [found] = await rowsOf<{ digest: string; answer: T }>(
    tx,
    sql`select digest, answer from ${answeredCalls}
      where project_id = ${projectId} and key = ${key}`,
  );
  return own(() => {
    if (found?.digest !== digest) throw new KeyReusedError("the key stands for another request");
    return { ...found.answer, replayed: true };
  });
}

/** What a second call of the key is answered with. */
export async function keepAnswer(
  tx: Tx,
  projectId: number,
  { key }: Pick<Once, "key">,
  answer: unknown,
): Promise<void> {
  await tx.execute(
    sql`update ${answeredCalls} set answer = ${json(answer)}
      where project_id = ${projectId} and key = ${key}`,
  );
}

/** Places of rows that an erasure of their unit, as a user or as a device, forbids. */
async function erasedPlaces<T extends { occurred_at: string; event_id: string }>(
  tx: Tx,
  project_id: number,
  nowMs: number,
  rows: readonly T[],
  keysOf: (row: T) => Keys,
): Promise<number[]> {
  const buried = sql`exists (select from ${tombstones} where project_id = ${project_id})`;
  const [any] = await rowsOf<{ buried: boolean }>(tx, sql`select ${buried} as buried`);
  if (any?.buried !== true) return [];
  const judged = rows.flatMap((row) => {
    const { user, anonymous } = keysOf(row);
    const event = { project_id, event_id: row.event_id, occurred_at: row.occurred_at };
    return [user, anonymous].map((subject) => ({ event, subject }));
  });
  const erased = await readErased(tx, judged, nowMs);
  return [...rows.keys()].filter((place) => erased.has(2 * place) || erased.has(2 * place + 1));
}
