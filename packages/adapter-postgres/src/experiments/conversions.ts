import { sql, type SQL } from "drizzle-orm";

import { foldConversions, foldSlotEvents } from "@signalpath/domain";
import type { ConversionEvent, SlotEventGiven } from "@signalpath/ports";

import { rowsOf, type Tx } from "../db.ts";
import { conversions, slotEvents } from "../schema/experiments.ts";
import { fromMs, tableOf } from "../sql-parts.ts";
import type { Keys } from "./record.ts";

const OWNER = ["user_key", "anonymous_key"];
const CONVERSION_RANK = ["occurred_at", "unit", "value", "metric", "is_bot"];
const SLOT_RANK = [
  "occurred_at",
  "user_id",
  "value",
  "event_type",
  "slot_id",
  "request_id",
  "item_id",
  "metadata",
  "is_bot",
];

/** No value and no request come first, as they do for every other keeper. */
function ranked(of: string, rank: readonly string[]): SQL {
  const parts = rank.map((name) => {
    if (name === "value") return `coalesce(${of}.value, '-infinity')`;
    if (name === "request_id") return `coalesce(${of}.request_id, '')`;
    return `${of}.${name}`;
  });
  return sql.raw(`(${parts.join(", ")})`);
}

/** Of one key the telling of the lesser rank stands, whole. A row that learns nothing is not written. */
function leastStands(rank: readonly string[]): SQL {
  const isLess = sql`${ranked("excluded", rank)} < ${ranked("kept", rank)}`;
  const either = [...rank, ...OWNER].map(
    (name) =>
      sql`${sql.raw(name)} = case when ${isLess} then ${sql.raw(`excluded.${name}`)}
        else ${sql.raw(`kept.${name}`)} end`,
  );
  return sql`update set ${sql.join(either, sql`, `)}, keyed = kept.keyed and excluded.keyed
    where ${isLess} or (kept.keyed and not excluded.keyed)
    returning (xmax = 0) as created`;
}

async function countNew(tx: Tx, join: SQL): Promise<{ recorded: number; flipped: number }> {
  const changed = await rowsOf<{ created: boolean }>(tx, join);
  return { recorded: changed.filter(({ created }) => created).length, flipped: 0 };
}

/** Joins a batch to the rows there are: of one key the least telling stands. One statement. */
export function joinConversionRows(
  tx: Tx,
  given: readonly ConversionEvent[],
  keysOf: (unit: string) => Keys,
): Promise<{ recorded: number; flipped: number }> {
  const rows = tableOf("g", foldConversions(given), {
    experiment_id: ["uuid", (row) => row.experiment_id],
    dedup_key: ["text", (row) => row.dedup_key],
    occurred_at: ["timestamptz", (row) => row.occurred_at],
    unit: ["text", (row) => row.unit],
    value: ["double precision", (row) => row.value],
    metric: ["text", (row) => row.metric],
    is_bot: ["boolean", (row) => row.is_bot],
    keyed: ["boolean", (row) => row.keyed],
    user_key: ["text", (row) => keysOf(row.unit).user],
    anonymous_key: ["text", (row) => keysOf(row.unit).anonymous],
  });
  return countNew(
    tx,
    sql`insert into ${conversions} as kept (experiment_id, dedup_key, occurred_at, unit, value,
        metric, is_bot, keyed, user_key, anonymous_key)
      select * from ${rows} order by experiment_id, dedup_key collate "C"
      on conflict (experiment_id, dedup_key) do ${leastStands(CONVERSION_RANK)}`,
  );
}

/** The same for events of deployment slots. */
export function joinSlotEventRows(
  tx: Tx,
  projectId: number,
  given: readonly SlotEventGiven[],
  { keysOf, nowMs }: { keysOf: (unit: string) => Keys; nowMs: number },
): Promise<{ recorded: number; flipped: number }> {
  const rows = tableOf("g", foldSlotEvents(given), {
    dedup_key: ["text", (row) => row.dedup_key],
    slot_id: ["int", (row) => row.slot_id],
    occurred_at: ["timestamptz", (row) => row.occurred_at],
    event_type: ["text", (row) => row.event_type],
    user_id: ["text", (row) => row.user_id],
    item_id: ["text", (row) => row.item_id],
    request_id: ["text", (row) => row.request_id],
    value: ["double precision", (row) => row.value],
    metadata: ["text", (row) => row.metadata],
    is_bot: ["boolean", (row) => row.is_bot],
    keyed: ["boolean", (row) => row.keyed],
    user_key: ["text", (row) => keysOf(row.user_id).user],
    anonymous_key: ["text", (row) => keysOf(row.user_id).anonymous],
  });
  return countNew(
    tx,
    sql`insert into ${slotEvents} as kept (project_id, stored_at, dedup_key, slot_id, occurred_at,
        event_type, user_id, item_id, request_id, value, metadata, is_bot, keyed, user_key,
        anonymous_key)
      select ${projectId}::int, ${fromMs(nowMs)}, g.* from ${rows}
      order by g.dedup_key collate "C"
      on conflict (project_id, dedup_key) do ${leastStands(SLOT_RANK)}`,
  );
}
