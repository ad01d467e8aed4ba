import { compareCodePoints } from "../events/order.ts";

/** That a unit did something that a metric counts. Times are ISO 8601 UTC with milliseconds. */
export interface Conversion {
  experiment_id: string;
  unit: string;
  metric: string;
  value: number;
  occurred_at: string;
  is_bot: boolean;
  /** One in its experiment: told twice, it counts once. */
  dedup_key: string;
  /** The sender named that key; else ours stands for "each counts". */
  keyed: boolean;
}

/** An impression, click or purchase of a list that a deployment slot answered. */
export interface SlotEvent {
  slot_id: number;
  event_type: "impression" | "click" | "purchase";
  user_id: string;
  item_id: string;
  request_id: string | null;
  value: number | null;
  /** JSON text. */
  metadata: string;
  occurred_at: string;
  is_bot: boolean;
  /** One in its project: told twice, it counts once. */
  dedup_key: string;
  keyed: boolean;
}

type Comparable = string | number | boolean | null;

/** null before everything, texts by code points. */
function compare(left: Comparable, right: Comparable): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  if (typeof left === "string") return compareCodePoints(left, right as string);
  return left < right ? -1 : 1;
}

/** What decides which of two tellings of one key stands: the earliest, then whatever differs. */
const conversionRank = (row: Conversion): Comparable[] => [
  row.occurred_at,
  row.unit,
  row.value,
  row.metric,
  row.is_bot,
];
const slotEventRank = (row: SlotEvent): Comparable[] => [
  row.occurred_at,
  row.user_id,
  row.value,
  row.event_type,
  row.slot_id,
  row.request_id,
  row.item_id,
  row.metadata,
  row.is_bot,
];

function joinBy<T extends { keyed: boolean }>(rank: (row: T) => Comparable[]) {
  return (left: T, right: T): T => {
    const other = rank(right);
    const differs = rank(left).map((value, at) => compare(value, other[at] as Comparable));
    const first = (differs.find((sign) => sign !== 0) ?? 0) > 0 ? right : left;
    return { ...first, keyed: left.keyed && right.keyed };
  };
}

/** Two tellings of one key as one: idempotent, commutative, associative. */
export const joinConversions = joinBy(conversionRank);
/** The same of two slot events. */
export const joinSlotEvents = joinBy(slotEventRank);

function fold<T>(rows: readonly T[], keyOf: (row: T) => string, join: (a: T, b: T) => T): T[] {
  const kept = new Map<string, T>();
  for (const row of rows) {
    const key = keyOf(row);
    const seen = kept.get(key);
    kept.set(key, seen === undefined ? row : join(seen, row));
  }
  return [...kept.values()];
}

/** A batch as one row a key. */
export const foldConversions = (rows: readonly Conversion[]): Conversion[] =>
  fold(rows, (row) => `${row.experiment_id}/${row.dedup_key}`, joinConversions);

/** A batch as one row a key. */
export const foldSlotEvents = (rows: readonly SlotEvent[]): SlotEvent[] =>
  fold(rows, (row) => row.dedup_key, joinSlotEvents);
