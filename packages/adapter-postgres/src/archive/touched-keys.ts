import { sql, type SQL } from "drizzle-orm";

import type { UserKey } from "@signalpath/domain";

import { PAGE, rowsOf, type Db } from "../db.ts";
import { events } from "../schema/events.ts";
import { identityLinks, tombstones } from "../schema/identity.ts";
import { array, fromMs } from "../sql-parts.ts";
import type { KeyPlace } from "./name-owners.ts";

/** Keys whose models may have changed at or after `sinceMs` (`touchedSince`), each once. */
export async function touchedKeys(db: Db, sinceMs: number): Promise<KeyPlace[]> {
  const since = fromMs(sinceMs);
  const found = new Map<string, KeyPlace>();
  await archivedKeys(db, since, found);
  await pagesOfKeys(
    db,
    (place) => sql`select project_id, from_key as key from ${identityLinks}
      where linked_at >= ${since} and (project_id, from_key) > ${place}
      order by project_id, from_key limit ${PAGE}`,
    found,
  );
  await pagesOfKeys(
    db,
    (place) => sql`select project_id, subject_key as key from ${tombstones}
      where erased_at >= ${since} and (project_id, subject_key) > ${place}
      order by project_id, subject_key limit ${PAGE}`,
    found,
  );
  return [...found.values()];
}

/** Keys whose events since `sinceMs` (event time) name one of these items, each once. */
export async function touchingKeys(
  db: Db,
  projectId: number,
  itemIds: readonly string[],
  sinceMs: number,
): Promise<KeyPlace[]> {
  const found = new Map<string, KeyPlace>();
  for (let start = 0; start < itemIds.length; start += PAGE) {
    const items = array("text", itemIds.slice(start, start + PAGE));
    await pagesOfKeys(
      db,
      (place) => sql`select distinct project_id, subject_key as key from ${events}
        where project_id = ${projectId} and item_id = any(${items})
          and occurred_at >= ${fromMs(sinceMs)} and (project_id, subject_key) > ${place}
        order by project_id, subject_key limit ${PAGE}`,
      found,
    );
  }
  return [...found.values()];
}

/** Walks the rows by sequence: the arrival index finds the start, the sequence index the rest. */
async function archivedKeys(db: Db, since: SQL, found: Map<string, KeyPlace>): Promise<void> {
  const [first] = await rowsOf<{ sequence: string | null }>(
    db,
    sql`with recent as materialized (select sequence from ${events} where archived_at >= ${since})
      select min(sequence)::text as sequence from recent`,
  );
  if (first?.sequence == null) return;
  let after = Number(first.sequence) - 1;
  for (;;) {
    const rows = await rowsOf<{ sequence: string; project_id: number; key: UserKey; hit: boolean }>(
      db,
      sql`select sequence::text, project_id, subject_key as key,
          archived_at >= ${since} and shapes_model as hit
        from ${events} where sequence > ${after} order by ${events.sequence} limit ${PAGE}`,
    );
    for (const { hit, project_id: projectId, key } of rows) {
      if (hit) found.set(`${projectId}/${key}`, { projectId, key });
    }
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.sequence ?? after);
  }
}

/** Reads pages of (project, key) in their order until one is not full. */
async function pagesOfKeys(
  db: Db,
  page: (place: SQL) => SQL,
  found: Map<string, KeyPlace>,
): Promise<void> {
  let last: KeyPlace = { projectId: 0, key: "" as UserKey };
  for (;;) {
    const rows = await rowsOf<{ project_id: number; key: UserKey }>(
      db,
      page(sql`(${last.projectId}::int, ${last.key}::text)`),
    );
    for (const { project_id: projectId, key } of rows) {
      last = { projectId, key };
      found.set(`${projectId}/${key}`, last);
    }
    if (rows.length < PAGE) return;
  }
}
