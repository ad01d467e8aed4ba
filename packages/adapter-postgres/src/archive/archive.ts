import { sql } from "drizzle-orm";

import type { Sha256, SignalEvent, UserKey } from "@signalpath/domain";
import type { Archive, Clock } from "@signalpath/ports";

import { PAGE, rowsOf, type Db } from "../db.ts";
import { guard } from "../guard.ts";
import { events } from "../schema/events.ts";
import { identityLinks } from "../schema/identity.ts";
import { array } from "../sql-parts.ts";
import { erasePerson } from "./erase.ts";
import { erasureOf, recordErasure } from "./erasure-receipt.ts";
import { putBatch } from "./put.ts";

/** The archive in Postgres or PGlite. `now` stamps the arrival of rows and links. */
export function createPostgresArchive(db: Db, options: { sha256: Sha256; now: Clock }): Archive {
  return {
    put: (batch) => putBatch(db, options, batch),
    known: (projectId, eventIds) => guard(() => knownIds(db, projectId, eventIds)),
    resolve: (projectId, key) =>
      guard(async () => {
        const [link] = await rowsOf<{ root_key: UserKey }>(
          db,
          sql`select root_key from ${identityLinks}
            where project_id = ${projectId} and from_key = ${key}`,
        );
        return link?.root_key ?? key;
      }),
    eventsOf: (projectId, owner, options) =>
      guard(() => eventsOfPerson(db, projectId, owner, options)),
    erase: (projectId, key, atMs) => erasePerson(db, projectId, key, atMs),
    recordErasure: (projectId, keys, progress) => recordErasure(db, projectId, keys, progress),
    erasureOf: (projectId, key) => guard(() => erasureOf(db, projectId, key)),
    check: () => guard(async () => void (await rowsOf(db, sql`select from ${events} limit 1`))),
  };
}

async function knownIds(
  db: Db,
  projectId: number,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const known = new Set<string>();
  for (let start = 0; start < eventIds.length; start += PAGE) {
    const rows = await rowsOf<{ event_id: string }>(
      db,
      sql`select event_id from ${events}
        where project_id = ${projectId}
          and event_id = any(${array("text", eventIds.slice(start, start + PAGE))})`,
    );
    for (const row of rows) known.add(row.event_id);
  }
  return known;
}

/** Reads `limit` events of each linked key from the index and merges them: bounded work. */
async function eventsOfPerson(
  db: Db,
  projectId: number,
  owner: UserKey,
  { limit, before }: Parameters<Archive["eventsOf"]>[2],
): Promise<SignalEvent[]> {
  const most = Math.min(limit, PAGE);
  const older =
    before === undefined
      ? sql``
      : sql`and (occurred_at, event_id) < (${before.occurred_at}::timestamptz, ${before.event_id}::text)`;
  const rows = await rowsOf<{ payload: string }>(
    db,
    sql`select e.payload
      from (
        select ${owner}::text as key
        union all
        select from_key from ${identityLinks}
        where project_id = ${projectId} and root_key = ${owner}
      ) k
      cross join lateral (
        select payload, occurred_at, event_id from ${events}
        where project_id = ${projectId} and subject_key = k.key and shapes_model ${older}
        order by occurred_at desc, event_id desc limit ${most}
      ) e
      order by e.occurred_at desc, e.event_id desc limit ${most}`,
  );
  return rows.map((row) => JSON.parse(row.payload) as SignalEvent);
}
