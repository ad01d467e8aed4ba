import { sql } from "drizzle-orm";

import type { ContentItem } from "@signalpath/domain";
import {
  assertStorableItem,
  RefusedError,
  type Catalogue,
  type CatalogueRow,
} from "@signalpath/ports";

import { PAGE, rowsOf, type Db, type Tx } from "./db.ts";
import { guard, transact } from "./guard.ts";
import { catalogueItems, catalogueVersions } from "./schema/catalogue.ts";
import { array } from "./sql-parts.ts";

/** The truth about content. The lock of a project's version row orders its writers. */
export function createPostgresCatalogue(db: Db): Catalogue {
  return {
    put: (projectId, items) => putItems(db, projectId, items),
    remove: (projectId, itemIds) => removeItems(db, projectId, itemIds),
    get: (projectId, itemIds) => guard(() => readItems(db, projectId, itemIds)),
    changes: (projectId, options) => guard(() => readChanges(db, projectId, options)),
    version: (projectId) =>
      guard(async () => {
        const [row] = await rowsOf<{ version: number }>(
          db,
          sql`select version from ${catalogueVersions} where project_id = ${projectId}`,
        );
        return row?.version ?? 0;
      }),
    check: () =>
      guard(async () => void (await rowsOf(db, sql`select from ${catalogueVersions} limit 1`))),
  };
}

async function putItems(
  db: Db,
  projectId: number,
  items: readonly ContentItem[],
): ReturnType<Catalogue["put"]> {
  for (const item of items) assertStorableItem(item);
  // The last of several copies in one call stands.
  const wanted = new Map(items.map((item) => [item.item_id, item]));
  return transact(db, async (tx) => {
    const version = await lockVersion(tx, projectId);
    const changed = new Set<string>();
    const all = [...wanted.values()];
    for (let start = 0; start < all.length; start += PAGE) {
      const page = all.slice(start, start + PAGE);
      for (const id of await upsertPage(tx, projectId, page, version + 1)) changed.add(id);
    }
    await assertOneLength(tx, projectId);
    const upserted = [...wanted.keys()].filter((id) => changed.has(id));
    const reached = await reachVersion(tx, projectId, version, upserted.length > 0);
    return { upserted, unchanged: wanted.size - upserted.length, version: reached };
  });
}

async function removeItems(
  db: Db,
  projectId: number,
  itemIds: readonly string[],
): ReturnType<Catalogue["remove"]> {
  return transact(db, async (tx) => {
    const version = await lockVersion(tx, projectId);
    const rows = await rowsOf<{ item_id: string }>(
      tx,
      sql`update ${catalogueItems}
        set removed = true, version = ${version + 1}, vector_length = null
        where project_id = ${projectId} and not removed and item_id = any(${array("text", itemIds)})
        returning item_id`,
    );
    const gone = new Set(rows.map((row) => row.item_id));
    const removed = [...new Set(itemIds)].filter((id) => gone.has(id));
    return { removed, version: await reachVersion(tx, projectId, version, removed.length > 0) };
  });
}

/** The project's version, held until the transaction ends. */
async function lockVersion(tx: Tx, projectId: number): Promise<number> {
  const [row] = await rowsOf<{ version: number }>(
    tx,
    sql`insert into ${catalogueVersions} as v (project_id, version) values (${projectId}, 0)
      on conflict (project_id) do update set version = v.version returning version`,
  );
  return row?.version ?? 0;
}

async function reachVersion(
  tx: Tx,
  projectId: number,
  version: number,
  changed: boolean,
): Promise<number> {
  if (!changed) return version;
  await tx.execute(
    sql`update ${catalogueVersions} set version = ${version + 1} where project_id = ${projectId}`,
  );
  return version + 1;
}

async function upsertPage(
  tx: Tx,
  projectId: number,
  items: readonly ContentItem[],
  version: number,
): Promise<string[]> {
  const ids = array(
    "text",
    items.map((item) => item.item_id),
  );
  const lengths = array(
    "int",
    items.map((item) => item.vector?.length ?? null),
  );
  const texts = array(
    "text",
    items.map((item) => JSON.stringify(item)),
  );
  const rows = await rowsOf<{ item_id: string }>(
    tx,
    sql`insert into ${catalogueItems} as c
        (project_id, item_id, version, removed, vector_length, item)
      select ${projectId}::int, n.item_id, ${version}::int, false, n.vector_length, n.item::jsonb
      from unnest(${ids}, ${lengths}, ${texts}) as n(item_id, vector_length, item)
      order by n.item_id collate "C"
      on conflict (project_id, item_id) do update set version = excluded.version,
        removed = false, vector_length = excluded.vector_length, item = excluded.item
      where c.removed or c.item is distinct from excluded.item
      returning item_id`,
  );
  return rows.map((row) => row.item_id);
}

async function assertOneLength(tx: Tx, projectId: number): Promise<void> {
  const [row] = await rowsOf<{ same: boolean }>(
    tx,
    sql`select coalesce(min(vector_length) = max(vector_length), true) as same
      from ${catalogueItems} where project_id = ${projectId} and vector_length is not null`,
  );
  if (row?.same !== true) throw new RefusedError("vectors of one project must have one length");
}

async function readItems(
  db: Db,
  projectId: number,
  itemIds: readonly string[],
): Promise<ContentItem[]> {
  const found = new Map<string, ContentItem>();
  for (let start = 0; start < itemIds.length; start += PAGE) {
    const rows = await rowsOf<{ item_id: string; item: ContentItem }>(
      db,
      sql`select item_id, item from ${catalogueItems}
        where project_id = ${projectId} and not removed
          and item_id = any(${array("text", itemIds.slice(start, start + PAGE))})`,
    );
    for (const row of rows) found.set(row.item_id, row.item);
  }
  return [...new Set(itemIds)].flatMap((id) => found.get(id) ?? []);
}

function readChanges(
  db: Db,
  projectId: number,
  { after, afterItemId, limit }: Parameters<Catalogue["changes"]>[1],
): Promise<CatalogueRow[]> {
  const place =
    afterItemId === undefined
      ? sql`version > ${after}`
      : sql`(version, item_id) > (${after}::int, ${afterItemId}::text)`;
  return rowsOf<CatalogueRow>(
    db,
    sql`select item, version, removed from ${catalogueItems}
      where project_id = ${projectId} and ${place}
      order by version, item_id limit ${Math.min(limit, PAGE)}`,
  );
}
