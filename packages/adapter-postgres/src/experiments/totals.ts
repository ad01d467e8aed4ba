import { sql, type SQL } from "drizzle-orm";

import type { ArmSums } from "@signalpath/domain";
import type { ArmTotals, DayTotals, MetricSpec, Totals, TotalsRequest } from "@signalpath/ports";

import { rowsOf, type Db, type Tx } from "../db.ts";
import { transact } from "../guard.ts";
import { conversions, exposures } from "../schema/experiments.ts";
import { array } from "../sql-parts.ts";

/** Most experiments' units and their conversions are hashed in memory; the rest spills to disk. */
const WORK_MEMORY = sql.raw("set local work_mem = '128MB'");
const EXACT = "numeric";

const span = (ms: number): SQL => sql`${ms}::float8 * interval '1 millisecond'`;
const until = (column: SQL, at: string | undefined): SQL =>
  at === undefined ? sql`true` : sql`${column} <= ${at}::timestamptz`;

/** Conversions of a metric from the first exposure to the end of the window, both included. */
const within = (metric: string, { window_ms }: MetricSpec): SQL =>
  sql`c.metric = ${metric} and c.occurred_at >= e.first_exposed_at
    and c.occurred_at <= e.first_exposed_at + ${span(window_ms)}`;
const before = (metric: string, ms: number): SQL =>
  sql`c.metric = ${metric} and c.occurred_at < e.first_exposed_at
    and c.occurred_at >= e.first_exposed_at - ${span(ms)}`;

/** One unit's number. Exact: sums of floats would depend on the order of rows. */
const valueOf = ({ kind }: MetricSpec, condition: SQL): SQL =>
  kind === "binary"
    ? sql`coalesce(bool_or(${condition}), false)::int`
    : sql`coalesce(sum(c.value::${sql.raw(EXACT)}) filter (where ${condition}), 0)`;

interface ArmRow {
  variation_index: number;
  is_bot: boolean;
  n: number;
  numbers: number[];
}

/** Sums of all metrics by variation: one grouped reading of exposures and their conversions. */
export function readTotals(
  db: Db,
  { experiment_id: id, metrics, at }: TotalsRequest,
): Promise<Totals> {
  const values = metrics.flatMap(unitValues);
  const sums = metrics.flatMap(sumsOfUnits);
  const join =
    metrics.length === 0
      ? sql``
      : sql`left join ${conversions} c on c.experiment_id = ${id}::uuid and c.unit = e.unit
          and c.metric = any(${array("text", namesOf(metrics))}) and (not c.is_bot or e.is_bot)
          and ${until(sql`c.occurred_at`, at)}`;
  const units = sql`select ${sql.join([sql`e.variation_index`, sql`e.is_bot`, ...values], sql`, `)}
    from ${exposures} e ${join}
    where e.experiment_id = ${id}::uuid and ${until(sql`e.first_exposed_at`, at)}
    group by e.experiment_id, e.unit`;
  return oneReading(db, async (tx) => {
    const rows = await rowsOf<ArmRow>(
      tx,
      sql`select variation_index, is_bot, count(*)::int as n,
          json_build_array(${sql.join(sums, sql`, `)}) as numbers
        from (${units}) u group by 1, 2 order by 1, 2`,
    );
    const [counts] = await rowsOf<{ flipped: number; without_key: number }>(
      tx,
      sql`select
          (select count(*)::int from ${exposures} e where experiment_id = ${id}::uuid
            and lo <> hi and not is_bot and ${until(sql`first_exposed_at`, at)}) as flipped,
          (select count(*)::int from ${conversions} c where experiment_id = ${id}::uuid
            and not keyed and ${until(sql`occurred_at`, at)}) as without_key`,
    );
    const arms = rows.map((row) => armOf(row, metrics.length));
    return { arms, flipped: counts?.flipped ?? 0, without_key: counts?.without_key ?? 0 };
  });
}

/** What one metric asks of each unit, as columns. */
function unitValues(spec: MetricSpec, i: number): SQL[] {
  const { numerator, denominator, pre_ms } = spec;
  const columns = [sql`${valueOf(spec, within(numerator, spec))} as ${name("v", i)}`];
  if (denominator !== null) {
    columns.push(sql`${valueOf(spec, within(denominator, spec))} as ${name("d", i)}`);
  }
  if (pre_ms !== null) {
    columns.push(sql`${valueOf(spec, before(numerator, pre_ms))} as ${name("p", i)}`);
  }
  return columns;
}

/** Eight sums in the order `sumsOf` reads them. What was not asked for is 0 and costs nothing a unit. */
function sumsOfUnits({ kind, denominator, pre_ms }: MetricSpec, i: number): SQL[] {
  const sum = (of: SQL): SQL => sql`sum(${of})::float8`;
  const times = (a: SQL, b: SQL): SQL => sum(sql`${a} * ${b}`);
  const none = sql`0`;
  const [v, d, p] = [name("v", i), name("d", i), name("p", i)] as const;
  return [
    sum(v),
    kind === "binary" ? sum(v) : times(v, v),
    ...(denominator === null ? [none, none, none] : [sum(d), times(d, d), times(v, d)]),
    ...(pre_ms === null ? [none, none, none] : [sum(p), times(p, p), times(v, p)]),
  ];
}

const name = (letter: string, i: number): SQL => sql.raw(`${letter}${i}`);

function namesOf(metrics: readonly MetricSpec[]): string[] {
  return [...new Set(metrics.flatMap((spec) => [spec.numerator, spec.denominator ?? []].flat()))];
}

function sumsOf(index: number, n: number, numbers: readonly (number | undefined)[]): ArmSums {
  const [v = 0, vv = 0, d = 0, dd = 0, vd = 0, p = 0, pp = 0, vp = 0] = numbers;
  return {
    index,
    n,
    sum: v,
    sum_squares: vv,
    denominator_sum: d,
    denominator_sum_squares: dd,
    product_sum: vd,
    pre_sum: p,
    pre_sum_squares: pp,
    pre_product_sum: vp,
  };
}

function armOf({ numbers, ...arm }: ArmRow, metrics: number): ArmTotals {
  const sums = Array.from({ length: metrics }, (_, i) =>
    sumsOf(arm.variation_index, arm.n, numbers.slice(8 * i, 8 * i + 8)),
  );
  return { ...arm, sums };
}

/** All statements of a reading see one instant. */
function oneReading<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transact(
    db,
    async (tx) => {
      await tx.execute(WORK_MEMORY);
      return work(tx);
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/**
 * What each day adds. A unit's running value goes from a to b on a day: the day adds b - a to the
 * sum and b^2 - a^2 to the sum of squares, so that days add up to the totals.
 */
export function readDays(
  db: Db,
  {
    experiment_id: id,
    metric,
    at,
    include_bots,
  }: {
    experiment_id: string;
    metric: MetricSpec;
    at?: string | undefined;
    include_bots: boolean;
  },
): Promise<DayTotals[]> {
  const people = include_bots ? sql`true` : sql`not e.is_bot`;
  const names = namesOf([metric]);
  const own = (condition: SQL): SQL =>
    metric.kind === "binary"
      ? sql`1`
      : sql`coalesce(sum(c.value::${sql.raw(EXACT)}) filter (where ${condition}), 0)`;
  // Of a binary metric only the first day counts.
  const dayOf = (moment: string): SQL => sql.raw(`(${moment} at time zone 'UTC')::date`);
  const day = dayOf("c.occurred_at");
  const steps = sql`select e.variation_index as arm, e.unit,
      ${metric.kind === "binary" ? dayOf("min(c.occurred_at)") : day} as day,
      ${own(sql`c.metric = ${metric.numerator}`)} as a, ${metric.denominator === null ? sql`0` : own(sql`c.metric = ${metric.denominator}`)} as d
    from ${exposures} e join ${conversions} c
      on c.experiment_id = ${id}::uuid and c.unit = e.unit and (not c.is_bot or e.is_bot)
        and c.metric = any(${array("text", names)}) and c.occurred_at >= e.first_exposed_at
        and c.occurred_at <= e.first_exposed_at + ${span(metric.window_ms)}
        and ${until(sql`c.occurred_at`, at)}
    where e.experiment_id = ${id}::uuid and ${people}
    group by e.experiment_id, e.unit ${metric.kind === "binary" ? sql`` : sql`, ${day}`}`;
  const lower = metric.denominator === null ? sql`0` : sql`sum(d) over w`;
  const binary = metric.kind === "binary";
  const runs = sql`select arm, day, a, d,
      ${binary ? sql`1` : sql`sum(a) over w`} as b, ${binary ? sql`0` : lower} as f
    from (${steps}) s ${binary ? sql`` : sql`window w as (partition by unit order by day)`}`;
  return oneReading(db, async (tx) => {
    const rows = await rowsOf<{ arm: number; day: string; n: number; numbers: number[] }>(
      tx,
      sql`select arm, to_char(day, 'YYYY-MM-DD') as day, sum(n)::int as n, json_build_array(
          sum(v)::float8, sum(vv)::float8, sum(x)::float8, sum(xx)::float8, sum(vx)::float8
        ) as numbers
        from (
          select e.variation_index as arm, (e.first_exposed_at at time zone 'UTC')::date as day,
            count(*) as n, 0 as v, 0 as vv, 0 as x, 0 as xx, 0 as vx
          from ${exposures} e
          where e.experiment_id = ${id}::uuid and ${people} and ${until(sql`e.first_exposed_at`, at)}
          group by 1, 2
          union all
          select arm, day, 0, sum(a), sum(b * b - (b - a) * (b - a)), sum(d),
            sum(f * f - (f - d) * (f - d)), sum(b * f - (b - a) * (f - d))
          from (${runs}) r group by 1, 2
        ) parts
        group by 1, 2 order by 2, 1`,
    );
    return rows.map(({ arm, day, n, numbers }) => ({ day, sums: sumsOf(arm, n, numbers) }));
  });
}
