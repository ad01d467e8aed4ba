import { sql } from "drizzle-orm";

import type { UserKey } from "@signalpath/domain";
import type { Owner } from "@signalpath/ports";

import { PAGE, rowsOf, type Db } from "../db.ts";
import { events } from "../schema/events.ts";
import { identityLinks } from "../schema/identity.ts";
import { array } from "../sql-parts.ts";

/** A key of a project: an owner, or something linked to one. */
export interface KeyPlace {
  projectId: number;
  key: UserKey;
}

/**
 * Owners of keys, each once, by (project, key), with the newest user id (else anonymous id) of
 * their events; with an empty name when nothing of theirs is archived any more.
 */
export async function ownersOfKeys(db: Db, places: readonly KeyPlace[]): Promise<Owner[]> {
  const roots = new Map<string, KeyPlace>();
  for (let start = 0; start < places.length; start += PAGE) {
    for (const place of await rootsOf(db, places.slice(start, start + PAGE))) {
      roots.set(`${place.projectId}/${place.key}`, place);
    }
  }
  const sorted = [...roots.values()].sort(
    (a, b) => a.projectId - b.projectId || (a.key < b.key ? -1 : 1),
  );
  const owners: Owner[] = [];
  for (let start = 0; start < sorted.length; start += PAGE) {
    owners.push(...(await nameOwners(db, sorted.slice(start, start + PAGE))));
  }
  return owners;
}

async function rootsOf(db: Db, places: readonly KeyPlace[]): Promise<KeyPlace[]> {
  const rows = await rowsOf<{ project_id: number; key: UserKey }>(
    db,
    sql`select n.project_id, coalesce(l.root_key, n.key) as key
      from ${placeRows(places)} as n(project_id, key)
      left join ${identityLinks} l on l.project_id = n.project_id and l.from_key = n.key`,
  );
  return rows.map((row) => ({ projectId: row.project_id, key: row.key }));
}

/** Names at most one page of roots, in their order. */
export async function nameOwners(db: Db, roots: readonly KeyPlace[]): Promise<Owner[]> {
  const rows = await rowsOf<{ project_id: number; owner: UserKey; name: string | null }>(
    db,
    sql`select o.project_id, o.owner, best.name
      from ${placeRows(roots)} with ordinality as o(project_id, owner, n)
      left join lateral (
        select coalesce(newest.user_id, newest.anonymous_id) as name
        from (
          select o.owner as key
          union all
          select from_key from ${identityLinks}
          where project_id = o.project_id and root_key = o.owner
        ) k
        cross join lateral (
          select user_id, anonymous_id, occurred_at, event_id from ${events}
          where project_id = o.project_id and subject_key = k.key
          order by occurred_at desc, event_id desc limit 1
        ) newest
        order by newest.user_id is null, newest.occurred_at desc, newest.event_id desc limit 1
      ) best on true
      order by o.n`,
  );
  return rows.map((row) => ({
    projectId: row.project_id,
    owner: row.owner,
    userId: row.name ?? "",
  }));
}

/** Places as rows of (project, key). */
export function placeRows(places: readonly KeyPlace[]) {
  const projects = array(
    "int",
    places.map(({ projectId }) => projectId),
  );
  const keys = array(
    "text",
    places.map(({ key }) => key),
  );
  return sql`unnest(${projects}, ${keys})`;
}
