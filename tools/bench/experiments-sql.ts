// The statements that experiments are held against, and their rows in bulk.
import { sql } from "drizzle-orm";

import type { openPostgres } from "@signalpath/adapter-postgres";

type Db = ReturnType<typeof openPostgres>["db"];

/** The least that inserts a batch: no folding, no keys of people, no locks, no transaction. */
export async function insertBare(
  db: Db,
  experimentId: string,
  rows: readonly { unit: string; variation_index: number; occurred_at: string }[],
): Promise<void> {
  const units = new Map(rows.map((row) => [row.unit, row]));
  const kept = [...units.values()];
  const column = (pick: (row: (typeof kept)[number]) => unknown) => sql.param(kept.map(pick));
  await db.execute(sql`insert into exposures (experiment_id, unit, first_exposed_at,
      variation_index, lo, hi, is_bot, user_key, anonymous_key)
    select ${experimentId}::uuid, g.unit, g.at, g.arm, g.arm, g.arm, false, md5(g.unit), md5(g.unit || 'a')
    from unnest(${column((row) => row.unit)}::text[],
      ${column((row) => row.occurred_at)}::timestamptz[],
      ${column((row) => row.variation_index)}::int[]) as g(unit, at, arm)
    order by g.unit collate "C"
    on conflict (experiment_id, unit) do update
      set first_exposed_at = least(exposures.first_exposed_at, excluded.first_exposed_at)`);
}

export async function countRows(db: Db, experimentId: string): Promise<number> {
  const { rows } = (await db.execute<{ count: number }>(
    sql`select count(*)::int as count from exposures where experiment_id = ${experimentId}::uuid`,
  )) as { rows: { count: number }[] };
  return rows[0]?.count ?? 0;
}

/** Units in both arms, met over a day; the tables hold nothing else afterwards. */
export async function seedExposures(db: Db, experimentId: string, count: number): Promise<void> {
  await db.execute(sql`truncate exposures, conversions`);
  await db.execute(sql`insert into exposures (experiment_id, unit, first_exposed_at, variation_index,
      lo, hi, is_bot, user_key, anonymous_key)
    select ${experimentId}::uuid, 'user-' || n, now() - interval '9 days' + n * interval '80 ms', n % 2,
      n % 2, n % 2, false, md5(n::text), md5(n || 'a')
    from generate_series(1, ${count}::int) n`);
}

/** Clicks and purchases of a week, in steps: one statement of 3 million would run into its time limit. */
export async function seedConversions(
  db: Db,
  experimentId: string,
  count: number,
  units: number,
): Promise<void> {
  const step = 250_000;
  for (let from = 0; from < count; from += step) {
    await db.execute(sql`insert into conversions (experiment_id, dedup_key, occurred_at, unit, value,
        metric, is_bot, keyed, user_key, anonymous_key)
      select ${experimentId}::uuid, 'k:' || n, now() - interval '8 days' + n * interval '200 ms',
        'user-' || (1 + (n::bigint * 7919) % ${units}::int), 1 + n % 50,
        case when n % 4 = 0 then 'purchase' else 'click' end, false, true,
        md5(((n::bigint * 7919) % ${units}::int)::text), md5(n || 'a')
      from generate_series(${from}::int + 1, ${from + step}::int) n`);
  }
  await db.execute(sql`analyze exposures, conversions`);
}

/** One reading of every row of both tables. */
export async function scanOnce(db: Db): Promise<void> {
  await db.execute(sql`select (select sum(variation_index) from exposures) as arms,
    (select sum(value) from conversions) as values`);
}
