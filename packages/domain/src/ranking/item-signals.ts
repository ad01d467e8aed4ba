import type { ItemSignals } from "./types.ts";

/** How often something happened to an item in one hour (UTC, hours since 1970). */
export interface ItemHourCount {
  item_id: string;
  hour: number;
  event_class: "served" | "view" | "positive" | "negative";
  count: number;
}

export interface ItemSignalsOptions {
  shortHalfLifeHours?: number;
  longHalfLifeHours?: number;
  /** Share of the short half-life in the trend, [0, 1]. */
  shortShare?: number;
  /** What one event adds to the trend. */
  classWeights?: Readonly<Record<ItemHourCount["event_class"], number>>;
  /** Pseudo-observations at the project's own rate. */
  priorWeight?: number;
}

const HOUR_MS = 3_600_000;
/** Decay factors are kept as integers of this scale: integer sums do not depend on row order. */
const SCALE = 2 ** 28;

interface Counters {
  short: number;
  long: number;
  view: number;
  positive: number;
  negative: number;
}

/**
 * Trend, quality and popularity of every item that has rows.
 * - trend: sum of count x class weight x 2^(-age / half-life) for a short (6 h) and a long (7 d)
 *   half-life, each relative to the largest item, mixed by `shortShare`, again relative to the
 *   largest. Age runs from the middle of the hour, never below 0.
 * - quality: (positive + m g) / (n + m), n = max(views, positive + negative), g = the same rate over
 *   all items, m = `priorWeight` (posterior mean of a Beta prior).
 * - popularity: positives relative to the largest.
 * Every value is in [0, 1] and the same for any order of rows.
 *
 * @param nowMs the moment decay is measured to, milliseconds.
 */
export function itemSignals(
  rows: Iterable<ItemHourCount>,
  nowMs: number,
  options: ItemSignalsOptions = {},
): Map<string, ItemSignals> {
  const { priorWeight = 10, shortShare = 0.5 } = options;
  const counters = countRows(rows, nowMs, options);
  let positives = 0;
  let trials = 0;
  const top = { short: 0, long: 0, positive: 0 };
  for (const item of counters.values()) {
    positives += item.positive;
    trials += trialsOf(item);
    top.short = Math.max(top.short, item.short);
    top.long = Math.max(top.long, item.long);
    top.positive = Math.max(top.positive, item.positive);
  }
  const rate = trials > 0 ? positives / trials : 0;
  const signals = new Map<string, ItemSignals>();
  let topTrend = 0;
  for (const [itemId, item] of counters) {
    const trend =
      shortShare * ratio(item.short, top.short) + (1 - shortShare) * ratio(item.long, top.long);
    topTrend = Math.max(topTrend, trend);
    signals.set(itemId, {
      trend,
      trend6h: ratio(item.short, top.short),
      trend7d: ratio(item.long, top.long),
      quality: ratio(item.positive + priorWeight * rate, trialsOf(item) + priorWeight),
      popularity: ratio(item.positive, top.positive),
    });
  }
  for (const item of signals.values()) item.trend = ratio(item.trend, topTrend);
  return signals;
}

function countRows(
  rows: Iterable<ItemHourCount>,
  nowMs: number,
  options: ItemSignalsOptions,
): Map<string, Counters> {
  const {
    shortHalfLifeHours = 6,
    longHalfLifeHours = 168,
    classWeights = { served: 0, view: 1, positive: 2, negative: 0 },
  } = options;
  const decays = new Map<number, { short: number; long: number }>();
  const decayOf = (hour: number) => {
    const known = decays.get(hour);
    if (known !== undefined) return known;
    const age = Math.max(0, nowMs / HOUR_MS - hour - 0.5);
    const decay = {
      short: Math.round(SCALE * 2 ** (-age / shortHalfLifeHours)),
      long: Math.round(SCALE * 2 ** (-age / longHalfLifeHours)),
    };
    decays.set(hour, decay);
    return decay;
  };
  const counters = new Map<string, Counters>();
  for (const row of rows) {
    let item = counters.get(row.item_id);
    if (item === undefined) {
      item = { short: 0, long: 0, view: 0, positive: 0, negative: 0 };
      counters.set(row.item_id, item);
    }
    if (row.event_class !== "served") item[row.event_class] += row.count;
    const weight = row.count * classWeights[row.event_class];
    if (weight === 0) continue;
    const decay = decayOf(row.hour);
    item.short += weight * decay.short;
    item.long += weight * decay.long;
  }
  return counters;
}

/** Chances an item had to be liked; a source that sends no views still sends reactions. */
function trialsOf(item: Counters): number {
  return Math.max(item.view, item.positive + item.negative);
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, part / whole) : 0;
}
