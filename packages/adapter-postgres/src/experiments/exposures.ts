import { sql } from "drizzle-orm";

import { foldExposures, type UnitExposure } from "@signalpath/domain";
import type { ExposureEvent } from "@signalpath/ports";

import { rowsOf, type Tx } from "../db.ts";
import { exposures } from "../schema/experiments.ts";
import { tableOf } from "../sql-parts.ts";
import type { Keys } from "./record.ts";

type Row = UnitExposure & { experiment_id: string };

/**
 * Joins a batch to the rows there are in one statement. ORDER BY is the lock order: two batches that
 * share units wait for each other in one direction only. A row that learns nothing is not written.
 */
export async function joinExposureRows(
  tx: Tx,
  given: readonly ExposureEvent[],
  keysOf: (unit: string) => Keys,
  call: string,
): Promise<{ recorded: number; flipped: number }> {
  const rows = tableOf("g", folded(given), {
    experiment_id: ["uuid", (row) => row.experiment_id],
    unit: ["text", (row) => row.unit],
    first_exposed_at: ["timestamptz", (row) => row.first_exposed_at],
    variation_index: ["int", (row) => row.variation_index],
    lo: ["int", (row) => row.lo],
    hi: ["int", (row) => row.hi],
    is_bot: ["boolean", (row) => row.is_bot],
    user_key: ["text", (row) => keysOf(row.unit).user],
    anonymous_key: ["text", (row) => keysOf(row.unit).anonymous],
  });
  const changed = await rowsOf<{ created: boolean; flipped: boolean | null }>(
    tx,
    sql`insert into ${exposures} as e (experiment_id, unit, first_exposed_at, variation_index,
        lo, hi, is_bot, user_key, anonymous_key, flipped_in)
      select experiment_id, unit, first_exposed_at, variation_index, lo, hi, is_bot, user_key,
        anonymous_key, case when lo <> hi then ${call}::text end
      from ${rows}
      order by experiment_id, unit collate "C"
      on conflict (experiment_id, unit) do update set
        variation_index = case
          when (excluded.first_exposed_at, excluded.variation_index)
            < (e.first_exposed_at, e.variation_index)
          then excluded.variation_index else e.variation_index end,
        first_exposed_at = least(e.first_exposed_at, excluded.first_exposed_at),
        lo = least(e.lo, excluded.lo),
        hi = greatest(e.hi, excluded.hi),
        is_bot = e.is_bot or excluded.is_bot,
        flipped_in = case
          when e.lo = e.hi and (excluded.lo < e.lo or excluded.hi > e.hi) then ${call}::text
          else e.flipped_in end
      where (excluded.first_exposed_at, excluded.variation_index)
          < (e.first_exposed_at, e.variation_index)
        or excluded.lo < e.lo or excluded.hi > e.hi or (excluded.is_bot and not e.is_bot)
      returning (xmax = 0) as created, (flipped_in = ${call}::text) as flipped`,
  );
  return {
    recorded: changed.filter(({ created }) => created).length,
    flipped: changed.filter(({ flipped }) => flipped === true).length,
  };
}

function folded(given: readonly ExposureEvent[]): Row[] {
  const byExperiment = new Map<string, ExposureEvent[]>();
  for (const row of given) {
    const own = byExperiment.get(row.experiment_id);
    if (own === undefined) byExperiment.set(row.experiment_id, [row]);
    else own.push(row);
  }
  return [...byExperiment].flatMap(([experiment_id, rows]) =>
    foldExposures(rows).map((row) => ({ ...row, experiment_id })),
  );
}
