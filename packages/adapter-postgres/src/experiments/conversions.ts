import { sql } from "drizzle-orm";

import {
  foldConversions,
  foldSlotEvents,
  type Conversion,
  type SlotEvent,
} from "@signalpath/domain";
import type { ConversionEvent, SlotEventGiven } from "@signalpath/ports";

import { rowsOf, type Tx } from "../db.ts";
import { conversions, slotEvents } from "../schema/experiments.ts";
import { array, fromMs } from "../sql-parts.ts";
import type { Keys } from "./record.ts";

/** Joins a batch to the rows there are: of one key the least telling stands. One statement. */
export async function joinConversionRows(
  tx: Tx,
  given: readonly ConversionEvent[],
  keysOf: (unit: string) => Keys,
): Promise<{ recorded: number; flipped: number }> {
  const rows = foldConversions(given);
  const column = <T>(pick: (row: Conversion) => T): T[] => rows.map(pick);
  const isLess = sql`(excluded.occurred_at, excluded.unit, excluded.value, excluded.metric,
    excluded.is_bot) < (c.occurred_at, c.unit, c.value, c.metric, c.is_bot)`;
  const either = (name: string) =>
    sql`${sql.raw(name)} = case when ${isLess} then ${sql.raw(`excluded.${name}`)}
      else ${sql.raw(`c.${name}`)} end`;
  const moved = ["occurred_at", "unit", "value", "metric", "is_bot", "user_key", "anonymous_key"];
  const changed = await rowsOf<{ created: boolean }>(
    tx,
    sql`insert into ${conversions} as c (experiment_id, dedup_key, occurred_at, unit, value, metric,
        is_bot, keyed, user_key, anonymous_key)
      select * from unnest(
        ${array(
          "uuid",
          column((row) => row.experiment_id),
        )},
        ${array(
          "text",
          column((row) => row.dedup_key),
        )},
        ${array(
          "timestamptz",
          column((row) => row.occurred_at),
        )},
        ${array(
          "text",
          column((row) => row.unit),
        )},
        ${array(
          "double precision",
          column((row) => row.value),
        )},
        ${array(
          "text",
          column((row) => row.metric),
        )},
        ${array(
          "boolean",
          column((row) => row.is_bot),
        )},
        ${array(
          "boolean",
          column((row) => row.keyed),
        )},
        ${array(
          "text",
          column((row) => keysOf(row.unit).user),
        )},
        ${array(
          "text",
          column((row) => keysOf(row.unit).anonymous),
        )}
      ) as g(experiment_id, dedup_key, occurred_at, unit, value, metric, is_bot, keyed, user_key,
        anonymous_key)
      order by experiment_id, dedup_key collate "C"
      on conflict (experiment_id, dedup_key) do update set
        ${sql.join(moved.map(either), sql`, `)}, keyed = c.keyed and excluded.keyed
      where ${isLess} or (c.keyed and not excluded.keyed)
      returning (xmax = 0) as created`,
  );
  return { recorded: changed.filter(({ created }) => created).length, flipped: 0 };
}

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
const ranked = (of: string) =>
  sql.raw(
    `(${SLOT_RANK.map((name) => {
      if (name === "value") return `coalesce(${of}.value, '-infinity')`;
      if (name === "request_id") return `coalesce(${of}.request_id, '')`;
      return `${of}.${name}`;
    }).join(", ")})`,
  );

/** The same for events of deployment slots. */
export async function joinSlotEventRows(
  tx: Tx,
  projectId: number,
  given: readonly SlotEventGiven[],
  { keysOf, nowMs }: { keysOf: (unit: string) => Keys; nowMs: number },
): Promise<{ recorded: number; flipped: number }> {
  const rows = foldSlotEvents(given);
  const column = <T>(pick: (row: SlotEvent) => T): T[] => rows.map(pick);
  const isLess = sql`${ranked("excluded")} < ${ranked("s")}`;
  const either = (name: string) =>
    sql`${sql.raw(name)} = case when ${isLess} then ${sql.raw(`excluded.${name}`)}
      else ${sql.raw(`s.${name}`)} end`;
  const changed = await rowsOf<{ created: boolean }>(
    tx,
    sql`insert into ${slotEvents} as s (project_id, stored_at, dedup_key, slot_id, occurred_at,
        event_type, user_id, item_id, request_id, value, metadata, is_bot, keyed, user_key,
        anonymous_key)
      select ${projectId}::int, ${fromMs(nowMs)}, g.* from unnest(
        ${array(
          "text",
          column((row) => row.dedup_key),
        )},
        ${array(
          "int",
          column((row) => row.slot_id),
        )},
        ${array(
          "timestamptz",
          column((row) => row.occurred_at),
        )},
        ${array(
          "text",
          column((row) => row.event_type),
        )},
        ${array(
          "text",
          column((row) => row.user_id),
        )},
        ${array(
          "text",
          column((row) => row.item_id),
        )},
        ${array(
          "text",
          column((row) => row.request_id),
        )},
        ${array(
          "double precision",
          column((row) => row.value),
        )},
        ${array(
          "text",
          column((row) => row.metadata),
        )},
        ${array(
          "boolean",
          column((row) => row.is_bot),
        )},
        ${array(
          "boolean",
          column((row) => row.keyed),
        )},
        ${array(
          "text",
          column((row) => keysOf(row.user_id).user),
        )},
        ${array(
          "text",
          column((row) => keysOf(row.user_id).anonymous),
        )}
      ) as g(dedup_key, slot_id, occurred_at, event_type, user_id, item_id, request_id, value,
        metadata, is_bot, keyed, user_key, anonymous_key)
      order by g.dedup_key collate "C"
      on conflict (project_id, dedup_key) do update set
        ${sql.join([...SLOT_RANK, "user_key", "anonymous_key"].map(either), sql`, `)},
        keyed = s.keyed and excluded.keyed
      where ${isLess} or (s.keyed and not excluded.keyed)
      returning (xmax = 0) as created`,
  );
  return { recorded: changed.filter(({ created }) => created).length, flipped: 0 };
}
