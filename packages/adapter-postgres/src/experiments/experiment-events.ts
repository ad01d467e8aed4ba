import { sql, type SQL } from "drizzle-orm";

import type { Sha256, SlotEvent } from "@signalpath/domain";
import type {
  Clock,
  ExperimentEvents,
  IngestionTotals,
  SlotTotals,
  StoredSlotEvent,
} from "@signalpath/ports";

import { rowsOf, type Db } from "../db.ts";
import { guard } from "../guard.ts";
import { answeredCalls, conversions, exposures, slotEvents } from "../schema/experiments.ts";
import { array, fromMs, isoTime } from "../sql-parts.ts";
import { equals, rowsPage } from "../training/rows-page.ts";
import { joinConversionRows, joinSlotEventRows } from "./conversions.ts";
import { joinExposureRows } from "./exposures.ts";
import { record, type Recording } from "./record.ts";
import { readDays, readTotals } from "./totals.ts";

type SlotRow = Omit<StoredSlotEvent, "metadata"> & { metadata: string };

const SLOT_EVENT = sql`id::float8 as id, project_id, slot_id, event_type, user_id, item_id,
  request_id, value, metadata, is_bot, keyed, dedup_key,
  ${isoTime(slotEvents.occurredAt)} as occurred_at, ${isoTime(slotEvents.storedAt)} as stored_at`;

/** Exposures, conversions and slot events in Postgres or PGlite. `newId` names each call. */
export function createPostgresExperimentEvents(
  db: Db,
  options: { sha256: Sha256; now: Clock; newId: () => string },
): ExperimentEvents {
  const recording: Recording = { db, ...options };
  const { now, newId } = options;
  return {
    recordExposures: (projectId, rows, once) =>
      record(recording, {
        projectId,
        rows,
        once,
        unitOf: ({ unit }) => unit,
        store: (tx, kept, keysOf) => joinExposureRows(tx, kept, keysOf, newId()),
      }),
    recordConversions: (projectId, rows, once) =>
      record(recording, {
        projectId,
        rows,
        once,
        unitOf: ({ unit }) => unit,
        store: joinConversionRows,
      }),
    recordSlotEvents: (projectId, rows, once) =>
      record(recording, {
        projectId,
        rows,
        once,
        unitOf: ({ user_id }) => user_id,
        store: (tx, kept, keysOf) =>
          joinSlotEventRows(tx, projectId, kept, { keysOf, nowMs: now() }),
      }),
    slotEvent: (projectId, key) =>
      guard(async () => {
        const [row] = await rowsOf<SlotRow>(
          db,
          sql`select ${SLOT_EVENT} from ${slotEvents}
            where project_id = ${projectId} and dedup_key = ${key}`,
        );
        return row === undefined ? undefined : shown(row);
      }),
    slotEvents: ({ project_id, slot_id, event_type, ...page }) =>
      guard(async () => {
        const where = [
          equals("project_id", project_id),
          equals("slot_id", slot_id),
          equals("event_type", event_type),
        ];
        const from = { table: slotEvents, columns: SLOT_EVENT, where };
        const order = sql`${slotEvents.id} desc`;
        const { count, rows } = await rowsPage<SlotRow>(db, { ...from, order }, page);
        return { count, rows: rows.map(shown) };
      }),
    ingestion: (id) => guard(() => ingestion(db, id)),
    totals: (request) => readTotals(db, request),
    days: (request) => readDays(db, request),
    slotTotals: (projectId, ids, from, to) => guard(() => slotTotals(db, projectId, ids, from, to)),
    pruneKeys: (beforeMs) =>
      guard(async () => {
        const gone = await rowsOf(
          db,
          sql`delete from ${answeredCalls} where created_at < ${fromMs(beforeMs)} returning key`,
        );
        return gone.length;
      }),
    check: () => guard(async () => void (await rowsOf(db, sql`select from ${exposures} limit 1`))),
  };
}

function shown({ metadata, ...row }: SlotRow): StoredSlotEvent {
  return { ...row, metadata: JSON.parse(metadata) as Record<string, unknown> };
}

async function ingestion(db: Db, id: string): Promise<IngestionTotals> {
  const arms = await rowsOf<{
    variation_index: number;
    count: number;
    flipped: number;
    bots: number;
  }>(
    db,
    sql`select variation_index, count(*)::int as count,
        (count(*) filter (where lo <> hi))::int as flipped,
        (count(*) filter (where is_bot))::int as bots
      from ${exposures} where experiment_id = ${id}::uuid group by 1 order by 1`,
  );
  const metrics = await rowsOf<{
    metric: string;
    count: number;
    value_sum: number;
    without_key: number;
  }>(
    db,
    sql`select metric, count(*)::int as count, sum(value::numeric)::float8 as value_sum,
        (count(*) filter (where not keyed))::int as without_key
      from ${conversions} where experiment_id = ${id}::uuid group by 1 order by 1`,
  );
  const total = <T>(rows: readonly T[], of: (row: T) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0);
  return {
    exposures_total: total(arms, ({ count }) => count),
    exposure_counts: arms.map(({ variation_index, count }) => ({ variation_index, count })),
    flipped_total: total(arms, ({ flipped }) => flipped),
    bots_total: total(arms, ({ bots }) => bots),
    conversions_total: total(metrics, ({ count }) => count),
    without_key: total(metrics, ({ without_key }) => without_key),
    conversion_counts: metrics.map(({ metric, count, value_sum }) => ({
      metric,
      count,
      value_sum,
    })),
  };
}

const IS_IMPRESSION = (of: string): SQL => sql.raw(`${of}.event_type = 'impression'`);

async function slotTotals(
  db: Db,
  projectId: number,
  slotIds: readonly number[],
  from: string,
  to: string,
): Promise<SlotTotals[]> {
  const counted = (of: string): SQL =>
    sql`${sql.raw(`${of}.project_id`)} = ${projectId} and not ${sql.raw(`${of}.is_bot`)}
      and ${sql.raw(`${of}.occurred_at`)} between ${from}::timestamptz and ${to}::timestamptz`;
  const distinct = (types: readonly SlotEvent["event_type"][]): SQL =>
    sql`(count(distinct c.request_id)
      filter (where c.event_type = any(${array("text", types)})))::int`;
  const rows = await rowsOf<SlotTotals>(
    db,
    sql`select w.slot_id, shown.impressions, shown.users,
        done.clicks, done.purchases, done.conversions
      from unnest(${array("int", slotIds)}) with ordinality as w(slot_id, place)
      cross join lateral (
        select (count(distinct i.request_id) + count(*) filter (where i.request_id is null))::int
            as impressions, count(distinct i.user_id)::int as users
        from ${slotEvents} i
        where i.slot_id = w.slot_id and ${IS_IMPRESSION("i")} and ${counted("i")}
      ) shown
      cross join lateral (
        select ${distinct(["click"])} as clicks, ${distinct(["purchase"])} as purchases,
          ${distinct(["click", "purchase"])} as conversions
        from ${slotEvents} c
        where c.slot_id = w.slot_id and c.event_type in ('click', 'purchase') and ${counted("c")}
          and exists (
            select from ${slotEvents} i
            where i.dedup_key = 'i:' || c.slot_id || ':' || c.request_id
              and ${IS_IMPRESSION("i")} and ${counted("i")}
          )
      ) done
      order by w.place`,
  );
  return rows;
}
