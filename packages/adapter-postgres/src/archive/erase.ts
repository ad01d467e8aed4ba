import { sql } from "drizzle-orm";

import { RETENTION_MS } from "@signalpath/contracts";
import type { UserKey } from "@signalpath/domain";
import { ERASED_IDS, type ErasureResult } from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { transact } from "../guard.ts";
import { lockProject } from "../locks.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { events } from "../schema/events.ts";
import { conversions, exposures, slotEvents } from "../schema/experiments.ts";
import { erasedEvents, identityLinks, tombstones } from "../schema/identity.ts";
import { servedLists } from "../schema/learning.ts";
import { array, fromMs } from "../sql-parts.ts";

/** Forgets a person (`Archive.erase`), alone in the project: no batch is between look and commit. */
export async function erasePerson(
  db: Db,
  projectId: number,
  key: UserKey,
  atMs: number,
): Promise<ErasureResult> {
  return transact(db, async (tx) => {
    await lockProject(tx, projectId);
    const keys = await keysOfPerson(tx, projectId, key);
    await bury(tx, projectId, keys, atMs);
    const archive = await removeEvents(tx, projectId, keys, atMs);
    const letters = await removeLetters(tx, projectId, keys);
    const experiments = await removeExperimentRows(tx, keys);
    const removed = { archive, dead_letters: letters, experiments };
    const ids = await rememberRemoved(tx, projectId, keys, { ...removed, atMs });
    return { keys, ids, erasedAt: new Date(atMs).toISOString(), removed };
  });
}

/** Tombstones, with the ids under which this person has events. */
async function bury(
  tx: Tx,
  projectId: number,
  keys: readonly UserKey[],
  atMs: number,
): Promise<void> {
  const at = fromMs(atMs);
  await tx.execute(
    sql`insert into ${tombstones} as t (project_id, subject_key, erased_at, removed_at, ids)
      select ${projectId}::int, k.key, ${at}, ${at}, (
        select array_agg(distinct n.id collate "C") from ${events} e
        cross join lateral unnest(array[e.user_id, e.anonymous_id]) as n(id)
        where e.project_id = ${projectId} and e.subject_key = k.key and n.id is not null
      )
      from unnest(${array("text", keys)}) as k(key) order by k.key collate "C"
      on conflict (project_id, subject_key)
      do update set erased_at = greatest(t.erased_at, excluded.erased_at),
        ids = nullif(coalesce(t.ids, '{}') || coalesce(excluded.ids, '{}'), '{}')`,
  );
}

async function removeEvents(
  tx: Tx,
  projectId: number,
  keys: readonly UserKey[],
  atMs: number,
): Promise<number> {
  await tx.execute(
    sql`delete from ${erasedEvents} where project_id = ${projectId} and until <= ${fromMs(atMs)}`,
  );
  const [gone] = await rowsOf<{ count: number }>(
    tx,
    sql`with gone as (
        delete from ${events}
        where project_id = ${projectId} and subject_key = any(${array("text", keys)})
        returning event_id
      ), hashed as (
        insert into ${erasedEvents} as x (project_id, event_hash, until)
        select ${projectId}::int, sha256(convert_to(event_id, 'UTF8')), ${fromMs(atMs + RETENTION_MS)}
        from gone order by 2
        on conflict (project_id, event_hash)
        do update set until = greatest(x.until, excluded.until)
      )
      select count(*)::int as count from gone`,
  );
  return gone?.count ?? 0;
}

async function removeLetters(tx: Tx, projectId: number, keys: readonly UserKey[]): Promise<number> {
  const list = array("text", keys);
  const letters = await rowsOf(
    tx,
    sql`delete from ${deadLetters}
      where project_id = ${projectId} and (user_key = any(${list}) or anonymous_key = any(${list}))
      returning id`,
  );
  return letters.length;
}

/** Rows of experiments and lists of learners know both keys that their unit may stand for; a key holds its project. */
async function removeExperimentRows(tx: Tx, keys: readonly UserKey[]): Promise<number> {
  const list = array("text", keys);
  let removed = 0;
  for (const table of [exposures, conversions, slotEvents, servedLists]) {
    const [gone] = await rowsOf<{ count: number }>(
      tx,
      sql`with gone as (
          delete from ${table} where user_key = any(${list}) or anonymous_key = any(${list})
          returning 1
        ) select count(*)::int as count from gone`,
    );
    removed += gone?.count ?? 0;
  }
  return removed;
}

/** Counts go to the root's tombstone. @returns the ids of all tombstones of the person. */
async function rememberRemoved(
  tx: Tx,
  projectId: number,
  keys: readonly UserKey[],
  removed: { archive: number; dead_letters: number; experiments: number; atMs: number },
): Promise<string[]> {
  if (removed.archive + removed.dead_letters + removed.experiments > 0) {
    await tx.execute(
      sql`update ${tombstones}
        set archive = archive + ${removed.archive}::int,
          dead_letters = dead_letters + ${removed.dead_letters}::int,
          experiments = experiments + ${removed.experiments}::int,
          removed_at = greatest(removed_at, ${fromMs(removed.atMs)})
        where project_id = ${projectId} and subject_key = ${keys[0]}`,
    );
  }
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select distinct n.id collate "C" as id from ${tombstones} t cross join lateral unnest(t.ids) as n(id)
      where t.project_id = ${projectId} and t.subject_key = any(${array("text", keys)})
      order by 1 limit ${ERASED_IDS}`,
  );
  return rows.map(({ id }) => id);
}

/** The root of a key first, then everything linked to it. */
export async function keysOfPerson(
  tx: Tx | Db,
  projectId: number,
  key: UserKey,
): Promise<UserKey[]> {
  const rows = await rowsOf<{ key: UserKey }>(
    tx,
    sql`with person as (
        select coalesce((select root_key from ${identityLinks}
          where project_id = ${projectId} and from_key = ${key}), ${key}::text) as root
      )
      select root as key, 0 as place from person
      union all
      select l.from_key, 1 from ${identityLinks} l join person on l.root_key = person.root
      where l.project_id = ${projectId}
      order by place, key`,
  );
  return rows.map((row) => row.key);
}
