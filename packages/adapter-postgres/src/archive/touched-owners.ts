import { sql } from "drizzle-orm";

import type { UserKey } from "@signalpath/domain";
import type { Owner, TouchedOwner } from "@signalpath/ports";

import { PAGE, rowsOf, type Db } from "../db.ts";
import { identityLinks } from "../schema/identity.ts";
import { ownersOfKeys, placeRows } from "./name-owners.ts";
import { touchedKeys } from "./touched-keys.ts";

/** Whoever's model may have changed since, with all keys (`touchedSince`). */
export async function touchedOwners(db: Db, sinceMs: number): Promise<TouchedOwner[]> {
  const owners = await ownersOfKeys(db, await touchedKeys(db, sinceMs));
  const touched: TouchedOwner[] = [];
  for (let start = 0; start < owners.length; start += PAGE) {
    touched.push(...(await withKeys(db, owners.slice(start, start + PAGE))));
  }
  return touched;
}

/** The owner and what is linked to it (`keysOf`). */
export async function keysOfOwner(db: Db, projectId: number, owner: UserKey): Promise<UserKey[]> {
  const [person] = await withKeys(db, [{ projectId, owner, userId: "" }]);
  return person?.keys ?? [];
}

/** Adds the keys of at most one page of owners, from the index on the root of a link. */
export async function withKeys(db: Db, owners: readonly Owner[]): Promise<TouchedOwner[]> {
  const places = owners.map(({ projectId, owner }) => ({ projectId, key: owner }));
  const rows = await rowsOf<{ place: number; linked: UserKey[] }>(
    db,
    sql`select o.n::int as place, array(
        select from_key::text from ${identityLinks}
        where project_id = o.project_id and root_key = o.owner order by from_key
      ) as linked
      from ${placeRows(places)} with ordinality as o(project_id, owner, n)`,
  );
  const linked = new Map(rows.map((row) => [row.place, row.linked]));
  return owners.map((owner, at) => ({
    ...owner,
    keys: [owner.owner, ...(linked.get(at + 1) ?? [])],
  }));
}
