import { sql } from "drizzle-orm";

import type { SignalEvent, UserKey } from "@signalpath/domain";

import { rowsOf, type Tx } from "../db.ts";
import { erasedEvents, identityLinks, tombstones } from "../schema/identity.ts";
import { array, fromMs } from "../sql-parts.ts";

/** What an erasure is asked about: somebody's event. */
export interface Judged {
  event: Pick<SignalEvent, "project_id" | "event_id" | "occurred_at">;
  subject: UserKey;
}

/**
 * Which entries a tombstone forbids: their subject, or the root it is linked to, was erased at or
 * after they occurred, or their very id was erased.
 *
 * @returns places in `entries`.
 */
export async function readErased(
  tx: Tx,
  entries: readonly Judged[],
  nowMs: number,
): Promise<Set<number>> {
  const projects = entries.map(({ event }) => event.project_id);
  const ids = entries.map(({ event }) => event.event_id);
  const subjects = entries.map(({ subject }) => subject);
  const times = entries.map(({ event }) => event.occurred_at);
  const rows = await rowsOf<{ n: number }>(
    tx,
    sql`select e.n::int as n
      from unnest(${array("int", projects)}, ${array("text", ids)}, ${array("text", subjects)},
        ${array("timestamptz", times)}) with ordinality
        as e(project_id, event_id, subject_key, occurred_at, n)
      left join ${identityLinks} l on l.project_id = e.project_id and l.from_key = e.subject_key
      where exists (
        select from ${tombstones} t
        where t.project_id = e.project_id and t.erased_at >= e.occurred_at
          and t.subject_key in (e.subject_key, l.root_key)
      ) or exists (
        select from ${erasedEvents} x
        where x.project_id = e.project_id and x.until > ${fromMs(nowMs)}
          and x.event_hash = sha256(convert_to(e.event_id, 'UTF8'))
      )`,
  );
  return new Set(rows.map(({ n }) => n - 1));
}
