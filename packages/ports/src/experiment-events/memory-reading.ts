import {
  addUnit,
  compareCodePoints,
  emptySums,
  isFlipped,
  type ArmSums,
  type Conversion,
  type UnitExposure,
} from "@signalpath/domain";

import type { MemoryEventsState } from "./memory-state.ts";
import type {
  ArmTotals,
  DayTotals,
  ExperimentEvents,
  IngestionTotals,
  MetricSpec,
  SlotTotals,
  Totals,
  TotalsRequest,
} from "./port.ts";

const DAY_MS = 86_400_000;

function rowsOf<T>(of: Map<string, Map<string, { row: T }>>, id: string): T[] {
  return [...(of.get(id)?.values() ?? [])].map(({ row }) => row);
}

/** One unit's number of one metric in a stretch of time, both ends included unless `isBefore`. */
function valueOf(
  kind: MetricSpec["kind"],
  metric: string,
  rows: readonly Conversion[],
  [from, to]: [from: number, to: number],
): number {
  const inside = rows.filter((row) => {
    const at = Date.parse(row.occurred_at);
    return row.metric === metric && at >= from && at <= to;
  });
  if (kind === "binary") return inside.length > 0 ? 1 : 0;
  return inside
    .map(({ value }) => value)
    .toSorted((a, b) => a - b)
    .reduce((a, b) => a + b, 0);
}

function withUnit(
  sums: ArmSums,
  spec: MetricSpec,
  unit: UnitExposure,
  rows: readonly Conversion[],
): ArmSums {
  const first = Date.parse(unit.first_exposed_at);
  const within: [number, number] = [first, first + spec.window_ms];
  const value = valueOf(spec.kind, spec.numerator, rows, within);
  const denominator =
    spec.denominator === null ? 0 : valueOf(spec.kind, spec.denominator, rows, within);
  const pre =
    spec.pre_ms === null
      ? 0
      : valueOf(spec.kind, spec.numerator, rows, [first - spec.pre_ms, first - 1]);
  return addUnit(sums, { value, denominator, pre });
}

export function totalsIn(
  state: MemoryEventsState,
  { experiment_id: id, metrics, at }: TotalsRequest,
): Totals {
  const isInTime = (time: string) => at === undefined || time <= at;
  const byUnit = new Map<string, Conversion[]>();
  const all = rowsOf(state.conversions, id).filter((row) => isInTime(row.occurred_at));
  for (const row of all) {
    const own = byUnit.get(row.unit) ?? [];
    byUnit.set(row.unit, own);
    own.push(row);
  }
  const units = rowsOf(state.exposures, id)
    .filter((row) => isInTime(row.first_exposed_at))
    .toSorted((a, b) => compareCodePoints(a.unit, b.unit));
  const arms = new Map<string, ArmTotals>();
  for (const unit of units) {
    const { variation_index: index, is_bot } = unit;
    const key = `${index}/${is_bot}`;
    const arm = arms.get(key) ?? {
      variation_index: index,
      is_bot,
      n: 0,
      sums: metrics.map(() => emptySums(index)),
    };
    arms.set(key, arm);
    const rows = (byUnit.get(unit.unit) ?? []).filter((row) => !row.is_bot || is_bot);
    arm.n += 1;
    arm.sums = arm.sums.map((sums, place) =>
      withUnit(sums, metrics[place] as MetricSpec, unit, rows),
    );
  }
  return {
    arms: [...arms.values()].toSorted(
      (a, b) => a.variation_index - b.variation_index || Number(a.is_bot) - Number(b.is_bot),
    ),
    flipped: units.filter((unit) => isFlipped(unit) && !unit.is_bot).length,
    without_key: all.filter((row) => !row.keyed).length,
  };
}

/** What each day adds: the totals at its end less those at the end of the day before. */
export function daysIn(
  state: MemoryEventsState,
  { experiment_id, metric, at, include_bots }: Parameters<ExperimentEvents["days"]>[0],
): DayTotals[] {
  const times = [
    ...rowsOf(state.exposures, experiment_id).map((row) => row.first_exposed_at),
    ...rowsOf(state.conversions, experiment_id).map((row) => row.occurred_at),
  ].filter((time) => at === undefined || time <= at);
  const days = [...new Set(times.map((time) => time.slice(0, 10)))].toSorted();
  const spec = { ...metric, pre_ms: null };
  const found: DayTotals[] = [];
  let before = new Map<number, ArmSums>();
  for (const day of days) {
    const end = new Date(Date.parse(day) + DAY_MS - 1).toISOString();
    const until = at !== undefined && at < end ? at : end;
    const totals = totalsIn(state, { experiment_id, metrics: [spec], at: until });
    const after = new Map<number, ArmSums>();
    for (const arm of totals.arms) {
      if (arm.is_bot && !include_bots) continue;
      const index = arm.variation_index;
      const sums = arm.sums[0] as ArmSums;
      after.set(index, combine(after.get(index) ?? emptySums(index), sums, 1));
    }
    for (const [index, sums] of [...after].toSorted(([a], [b]) => a - b)) {
      const added = combine(sums, before.get(index) ?? emptySums(index), -1);
      const { index: _, ...numbers } = added;
      if (Object.values(numbers).some((value) => value !== 0)) found.push({ day, sums: added });
    }
    before = after;
  }
  return found;
}

function combine(left: ArmSums, right: ArmSums, sign: 1 | -1): ArmSums {
  const names = Object.keys(left) as (keyof ArmSums)[];
  const pairs = names.map((name) => [name, left[name] + sign * right[name]]);
  return { ...(Object.fromEntries(pairs) as unknown as ArmSums), index: left.index };
}

export function ingestionIn(state: MemoryEventsState, id: string): IngestionTotals {
  const units = rowsOf(state.exposures, id);
  const rows = rowsOf(state.conversions, id);
  const indexes = [...new Set(units.map((unit) => unit.variation_index))].toSorted((a, b) => a - b);
  const metrics = [...new Set(rows.map(({ metric }) => metric))].toSorted(compareCodePoints);
  return {
    exposures_total: units.length,
    exposure_counts: indexes.map((index) => ({
      variation_index: index,
      count: units.filter((unit) => unit.variation_index === index).length,
    })),
    flipped_total: units.filter(isFlipped).length,
    bots_total: units.filter((unit) => unit.is_bot).length,
    conversions_total: rows.length,
    without_key: rows.filter((row) => !row.keyed).length,
    conversion_counts: metrics.map((metric) => {
      const own = rows.filter((row) => row.metric === metric);
      const values = own.map(({ value }) => value).toSorted((a, b) => a - b);
      return { metric, count: own.length, value_sum: values.reduce((a, b) => a + b, 0) };
    }),
  };
}

export function slotTotalsIn(
  state: MemoryEventsState,
  projectId: number,
  slotIds: readonly number[],
  from: string,
  to: string,
): SlotTotals[] {
  const events = [...state.slotEvents.values()]
    .filter((owned) => owned.projectId === projectId)
    .map(({ row }) => row.event)
    .filter((row) => !row.is_bot && row.occurred_at >= from && row.occurred_at <= to);
  return slotIds.map((slot_id) => {
    const own = events.filter((row) => row.slot_id === slot_id);
    const shown = own.filter((row) => row.event_type === "impression");
    const requests = new Set(shown.flatMap((row) => row.request_id ?? []));
    const converted = (types: readonly string[]) =>
      new Set(
        own
          .filter((row) => types.includes(row.event_type))
          .flatMap((row) => row.request_id ?? [])
          .filter((id) => requests.has(id)),
      ).size;
    return {
      slot_id,
      impressions: requests.size + shown.filter((row) => row.request_id === null).length,
      users: new Set(shown.map((row) => row.user_id)).size,
      clicks: converted(["click"]),
      purchases: converted(["purchase"]),
      conversions: converted(["click", "purchase"]),
    };
  });
}
