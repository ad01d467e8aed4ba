import { sql } from "drizzle-orm";

import type { Neighbour } from "@signalpath/domain";
import type { ItemHour, ItemStats, NeighbourRow } from "@signalpath/ports";

import { PAGE, rowsOf, type Db } from "./db.ts";
import { guard, transact } from "./guard.ts";
import { itemHours, itemNeighbours, itemNeighbourTables } from "./schema/item-stats.ts";
import { array, isoTime } from "./sql-parts.ts";

/** What the archive counted about items, and the neighbours computed from it. */
export function createPostgresItemStats(db: Db): ItemStats {
  return {
    itemHours: (projectId, sinceHour) => guard(() => hoursSince(db, projectId, sinceHour)),
    replaceNeighbours: (projectId, rows, computedAt) =>
      replaceNeighbours(db, projectId, rows, computedAt),
    neighbours: (projectId, knownAt) => readNeighbours(db, projectId, knownAt),
  };
}

async function hoursSince(db: Db, projectId: number, sinceHour: number): Promise<ItemHour[]> {
  const all: ItemHour[] = [];
  for (;;) {
    const last = all.at(-1);
    const place =
      last === undefined
        ? sql`hour >= ${sinceHour}`
        : sql`(hour, item_id, event_class) > (${last.hour}::int, ${last.item_id}::text, ${last.event_class}::text)`;
    const rows = await rowsOf<ItemHour>(
      db,
      sql`select item_id, hour, event_class, count from ${itemHours}
        where project_id = ${projectId} and ${place}
        order by hour, item_id, event_class limit ${PAGE}`,
    );
    all.push(...rows);
    if (rows.length < PAGE) return all;
  }
}

async function replaceNeighbours(
  db: Db,
  projectId: number,
  rows: readonly NeighbourRow[],
  computedAt: string,
): Promise<void> {
  await transact(db, async (tx) => {
    // First of all this row: it keeps two replacements of one project apart.
    await tx.execute(
      sql`insert into ${itemNeighbourTables} (project_id, computed_at)
        values (${projectId}, ${computedAt}::timestamptz)
        on conflict (project_id) do update set computed_at = excluded.computed_at`,
    );
    await tx.execute(sql`delete from ${itemNeighbours} where project_id = ${projectId}`);
    for (let start = 0; start < rows.length; start += PAGE) {
      const page = rows.slice(start, start + PAGE);
      const ids = array(
        "text",
        page.map((row) => row.item_id),
      );
      const lists = array(
        "text",
        page.map((row) => JSON.stringify(row.neighbours)),
      );
      await tx.execute(
        sql`insert into ${itemNeighbours} (project_id, item_id, neighbours)
          select ${projectId}::int, n.item_id, n.neighbours::jsonb
          from unnest(${ids}, ${lists}) as n(item_id, neighbours)
          order by n.item_id collate "C"`,
      );
    }
  });
}

async function readNeighbours(
  db: Db,
  projectId: number,
  knownAt: string | undefined,
): Promise<{ computedAt: string; rows: NeighbourRow[] } | undefined> {
  // One snapshot over all pages: a replacement in between is not half seen.
  return transact(
    db,
    async (tx) => {
      const [table] = await rowsOf<{ at: string }>(
        tx,
        sql`select ${isoTime(itemNeighbourTables.computedAt)} as at from ${itemNeighbourTables}
          where project_id = ${projectId}`,
      );
      if (table === undefined || (knownAt !== undefined && table.at <= knownAt)) return undefined;
      const rows: NeighbourRow[] = [];
      for (;;) {
        const page = await rowsOf<{ item_id: string; neighbours: Neighbour[] }>(
          tx,
          sql`select item_id, neighbours from ${itemNeighbours}
            where project_id = ${projectId} and item_id > ${rows.at(-1)?.item_id ?? ""}
            order by item_id limit ${PAGE}`,
        );
        rows.push(...page);
        if (page.length < PAGE) return { computedAt: table.at, rows };
      }
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}
