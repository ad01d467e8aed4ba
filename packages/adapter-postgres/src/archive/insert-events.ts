import { sql } from "drizzle-orm";

import { shapesModel, type SignalEvent, type UserKey } from "@signalpath/domain";

import { rowsOf, type Tx } from "../db.ts";
import { events } from "../schema/events.ts";
import { array, fromMs, tableOf } from "../sql-parts.ts";
import { placeOf, type Entry } from "./entries.ts";

/**
 * Inserts entries (each place once) in the order of their key, so that two batches that share ids
 * wait for each other in one direction only. The first copy of an id stays.
 *
 * @returns places that were really inserted.
 */
export async function insertEvents(
  tx: Tx,
  entries: readonly Entry[],
  nowMs: number,
): Promise<Set<string>> {
  if (entries.length === 0) return new Set();
  const given = tableOf("e", entries, {
    project_id: ["int", ({ event }) => event.project_id],
    event_id: ["text", ({ event }) => event.event_id],
    subject_key: ["text", ({ subject }) => subject],
    user_id: ["text", ({ event }) => event.user_id ?? null],
    anonymous_id: ["text", ({ event }) => event.anonymous_id ?? null],
    occurred_at: ["timestamptz", ({ event }) => event.occurred_at],
    kind: ["text", ({ event }) => event.kind],
    item_id: ["text", ({ event }) => event.item_id ?? null],
    shapes_model: ["boolean", ({ event }) => shapesModel(event)],
    payload: ["text", ({ payload }) => payload],
  });
  const rows = await rowsOf<{ project_id: number; event_id: string }>(
    tx,
    sql`insert into ${events} (project_id, event_id, subject_key, user_id, anonymous_id,
        occurred_at, archived_at, kind, item_id, shapes_model, payload)
      select e.project_id, e.event_id, e.subject_key, e.user_id, e.anonymous_id,
        e.occurred_at, ${fromMs(nowMs)}, e.kind, e.item_id, e.shapes_model, e.payload
      from ${given}
      order by e.project_id, e.event_id collate "C"
      on conflict do nothing
      returning project_id, event_id`,
  );
  return new Set(rows.map((row) => placeOf(row.project_id, row.event_id)));
}

/** A copy that was there before, and whose it is. */
export interface StoredCopy {
  event: SignalEvent;
  subject: UserKey;
}

/**
 * Stored copies by place. A statement of its own after the insert: the insert waits for a
 * concurrent batch with the same id, but its snapshot is older than that batch's commit.
 */
export async function readCopies(
  tx: Tx,
  entries: readonly Entry[],
): Promise<Map<string, StoredCopy>> {
  if (entries.length === 0) return new Map();
  const projects = entries.map(({ event }) => event.project_id);
  const ids = entries.map(({ event }) => event.event_id);
  const rows = await rowsOf<{
    project_id: number;
    event_id: string;
    subject_key: UserKey;
    payload: string;
  }>(
    tx,
    sql`select e.project_id, e.event_id, e.subject_key, e.payload
      from unnest(${array("int", projects)}, ${array("text", ids)}) as n(project_id, event_id)
      join ${events} e on e.project_id = n.project_id and e.event_id = n.event_id`,
  );
  return new Map(
    rows.map((row) => [
      placeOf(row.project_id, row.event_id),
      { event: JSON.parse(row.payload) as SignalEvent, subject: row.subject_key },
    ]),
  );
}
