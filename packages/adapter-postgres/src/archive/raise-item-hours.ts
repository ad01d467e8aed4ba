import { sql } from "drizzle-orm";

import type { SignalEvent } from "@signalpath/domain";
import { countItemHours } from "@signalpath/ports";

import type { Tx } from "../db.ts";
import { itemHours } from "../schema/item-stats.ts";
import { tableOf } from "../sql-parts.ts";

/** Counts events that were really inserted, in the order of the key. */
export async function raiseItemHours(tx: Tx, inserted: readonly SignalEvent[]): Promise<void> {
  const byProject = new Map<number, SignalEvent[]>();
  for (const event of inserted) {
    const siblings = byProject.get(event.project_id);
    if (siblings === undefined) byProject.set(event.project_id, [event]);
    else siblings.push(event);
  }
  const rows = [...byProject].flatMap(([projectId, events]) =>
    countItemHours(events).map((row) => ({ ...row, projectId })),
  );
  if (rows.length === 0) return;
  const counts = tableOf("n", rows, {
    project_id: ["int", (row) => row.projectId],
    hour: ["int", (row) => row.hour],
    item_id: ["text", (row) => row.item_id],
    event_class: ["text", (row) => row.event_class],
    count: ["int", (row) => row.count],
  });
  await tx.execute(
    sql`insert into ${itemHours} as h (project_id, hour, item_id, event_class, count)
      select * from ${counts}
      order by n.project_id, n.hour, n.item_id collate "C", n.event_class collate "C"
      on conflict (project_id, hour, item_id, event_class)
      do update set count = h.count + excluded.count`,
  );
}
