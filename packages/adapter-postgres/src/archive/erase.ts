import { sql } from "drizzle-orm";

import { RETENTION_MS } from "@signalpath/contracts";
import type { UserKey } from "@signalpath/domain";
import type { ErasureResult } from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { transact } from "../guard.ts";
import { lockProject } from "../locks.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { events } from "../schema/events.ts";
import { erasedEvents, identityLinks, tombstones } from "../schema/identity.ts";
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
    const list = array("text", keys);
    await tx.execute(
      sql`insert into ${tombstones} as t (project_id, subject_key, erased_at)
        select ${projectId}::int, k.key, ${fromMs(atMs)}
        from unnest(${list}) as k(key) order by k.key collate "C"
        on conflict (project_id, subject_key)
        do update set erased_at = greatest(t.erased_at, excluded.erased_at)`,
    );
    await tx.execute(
      sql`delete from ${erasedEvents} where project_id = ${projectId} and until <= ${fromMs(atMs)}`,
    );
    const [archive] = await rowsOf<{ count: number }>(
      tx,
      sql`with gone as (
          delete from ${events} where project_id = ${projectId} and subject_key = any(${list})
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
    const letters = await rowsOf(
      tx,
      sql`delete from ${deadLetters}
        where project_id = ${projectId} and (user_key = any(${list}) or anonymous_key = any(${list}))
        returning id`,
    );
    return {
      keys,
      erasedAt: new Date(atMs).toISOString(),
      removed: { archive: archive?.count ?? 0, dead_letters: letters.length },
    };
  });
}

/** The root of a key first, then everything linked to it. */
async function keysOfPerson(tx: Tx, projectId: number, key: UserKey): Promise<UserKey[]> {
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
