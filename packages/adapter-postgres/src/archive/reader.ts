import { sql } from "drizzle-orm";

import type { SignalEvent, UserKey } from "@signalpath/domain";
import {
  ownerCursor,
  parseOwnerCursor,
  type ArchiveReader,
  type LoggedEvent,
  type TouchedOwner,
} from "@signalpath/ports";

import { PAGE, rowsOf, type Db } from "../db.ts";
import { guard, transact } from "../guard.ts";
import { lockLog } from "../locks.ts";
import { consumerOffsets } from "../schema/consumers.ts";
import { events } from "../schema/events.ts";
import { identityLinks } from "../schema/identity.ts";
import { nameOwners, ownersOfKeys, type KeyPlace } from "./name-owners.ts";
import { touchingKeys } from "./touched-keys.ts";
import { keysOfOwner, touchedOwners, withKeys } from "./touched-owners.ts";

/** The archive read in bulk, a page at a time. */
export function createPostgresArchiveReader(db: Db): ArchiveReader {
  return {
    owners: (options) => guard(() => ownersPage(db, options)),
    keysOf: (projectId, owner) => guard(() => keysOfOwner(db, projectId, owner)),
    touchedSince: (sinceMs) => guard(() => touchedOwners(db, sinceMs)),
    ownersTouching: (projectId, itemIds, sinceMs) =>
      guard(async () => ownersOfKeys(db, await touchingKeys(db, projectId, itemIds, sinceMs))),
    log: (options) => guard(() => logPage(db, options)),
    offset: (consumer) =>
      guard(async () => {
        const [row] = await rowsOf<{ sequence: string }>(
          db,
          sql`select sequence::text from ${consumerOffsets} where consumer = ${consumer}`,
        );
        return Number(row?.sequence ?? 0);
      }),
    saveOffset: (consumer, sequence) =>
      guard(async () => {
        await db.execute(
          sql`insert into ${consumerOffsets} as o (consumer, sequence)
            values (${consumer}, ${sequence})
            on conflict (consumer) do update set sequence = greatest(o.sequence, excluded.sequence)`,
        );
      }),
  };
}

/**
 * One page of roots that have events. Subjects are found by skipping from one key to the next in
 * the index (their rows are many, the keys few); linked ones appear as their root. The test for a
 * link is a scalar subquery because a join could be planned as a hash join, which loses the order
 * that the limit without a sort relies on.
 */
async function ownersPage(
  db: Db,
  { projectId, cursor, limit = PAGE }: Parameters<ArchiveReader["owners"]>[0],
): Promise<{ owners: TouchedOwner[]; next: string | undefined }> {
  const after = cursor === undefined ? undefined : parseOwnerCursor(cursor);
  const place = sql`(${after?.projectId ?? 0}::int, ${after?.owner ?? ""}::text)`;
  const inProject = projectId === undefined ? sql`` : sql`and e.project_id = ${projectId}`;
  const linkInProject = projectId === undefined ? sql`` : sql`and l.project_id = ${projectId}`;
  const most = Math.max(1, Math.min(limit, PAGE));
  const nextSubject = (than: ReturnType<typeof sql>) =>
    sql`select e.project_id, e.subject_key from ${events} e
      where (e.project_id, e.subject_key) > ${than} ${inProject}
      order by e.project_id, e.subject_key limit 1`;
  const rows = await rowsOf<{ project_id: number; key: UserKey }>(
    db,
    sql`with recursive subjects as (
        (${nextSubject(place)})
        union all
        select n.project_id, n.subject_key from subjects s
        cross join lateral (${nextSubject(sql`(s.project_id, s.subject_key)`)}) n
      ), roots as (
        select s.project_id, s.subject_key from subjects s
        where (
          select l.from_key from ${identityLinks} l
          where l.project_id = s.project_id and l.from_key = s.subject_key
        ) is null limit ${most + 1}
      ), followed as (
        select distinct l.project_id, l.root_key from ${identityLinks} l
        where (l.project_id, l.root_key) > ${place} ${linkInProject} and exists (
          select from ${events} e where e.project_id = l.project_id and e.subject_key = l.from_key
        ) order by l.project_id, l.root_key limit ${most + 1}
      )
      select project_id, subject_key as key from roots
      union select project_id, root_key from followed
      order by project_id, key limit ${most + 1}`,
  );
  const places = rows
    .slice(0, most)
    .map((row): KeyPlace => ({ projectId: row.project_id, key: row.key }));
  const owners = places.length === 0 ? [] : await withKeys(db, await nameOwners(db, places));
  const last = owners.at(-1);
  return {
    owners,
    next: rows.length > most && last !== undefined ? ownerCursor(last) : undefined,
  };
}

async function logPage(
  db: Db,
  { after, limit }: { after: number; limit: number },
): Promise<LoggedEvent[]> {
  // A lower number may commit after a higher one: read only up to where all writers are done.
  const settled = await transact(db, async (tx) => {
    await lockLog(tx);
    const [row] = await rowsOf<{ last: string | null }>(
      tx,
      sql`select max(sequence)::text as last from ${events}`,
    );
    return Number(row?.last ?? 0);
  });
  if (settled <= after) return [];
  const rows = await rowsOf<{ sequence: string; payload: string; owner: UserKey }>(
    db,
    sql`select e.sequence::text, e.payload, coalesce(l.root_key, e.subject_key) as owner
      from (
        select project_id, sequence, subject_key, payload from ${events}
        where sequence > ${after} and sequence <= ${settled}
        order by sequence limit ${Math.min(limit, PAGE)}
      ) e
      left join ${identityLinks} l on l.project_id = e.project_id and l.from_key = e.subject_key
      order by e.sequence`,
  );
  return rows.map((row) => ({
    sequence: Number(row.sequence),
    event: JSON.parse(row.payload) as SignalEvent,
    owner: row.owner,
  }));
}
