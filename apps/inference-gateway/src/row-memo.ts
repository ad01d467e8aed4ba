import type { Clock } from "@signalpath/ports";
import { LRUCache } from "lru-cache";

/** That there is no such row is believed this long, milliseconds. */
const ABSENT_MS = 1_000;
const MOST_ROWS = 10_000;

/** Rows of a table in memory: read when first asked for, then only by `refresh`. */
export interface RowMemo<V> {
  /** Undefined = there is no such row. Throws what the store throws, once there is nothing known. */
  get(id: number): Promise<V | undefined>;
  /** What is known of a row, without asking anybody. */
  peek(id: number): V | undefined;
  /** True when the row was asked for: what changes about it matters here. */
  has(id: number): boolean;
  /** Reads rows anew; they stay as they are when that fails. */
  refresh(ids: readonly number[]): Promise<void>;
  ids(): number[];
}

interface Entry<V> {
  value: V | undefined;
  /** When its reading began, in the order of readings. */
  turn: number;
  readAt: number;
}

/** @param read rows by id; those that do not exist are left out. */
export function createRowMemo<V>(options: {
  read: (ids: readonly number[]) => Promise<ReadonlyMap<number, V>>;
  now: Clock;
}): RowMemo<V> {
  const { read, now } = options;
  const rows = new LRUCache<number, Entry<V>>({ max: MOST_ROWS });
  const reading = new Map<number, Promise<V | undefined>>();
  let turns = 0;

  async function load(ids: readonly number[]): Promise<void> {
    const turn = ++turns;
    const readAt = now();
    const found = await read(ids);
    for (const id of ids) {
      const known = rows.peek(id);
      // A reading that began later saw what this one may have missed.
      if (known !== undefined && known.turn > turn) continue;
      rows.set(id, { value: found.get(id), turn, readAt });
    }
  }

  async function readOnce(id: number): Promise<V | undefined> {
    const under = reading.get(id);
    if (under !== undefined) return under;
    const started = load([id]).then(() => rows.peek(id)?.value);
    reading.set(id, started);
    try {
      return await started;
    } finally {
      reading.delete(id);
    }
  }

  return {
    async get(id) {
      const known = rows.get(id);
      if (known?.value !== undefined) return known.value;
      if (known !== undefined && now() - known.readAt < ABSENT_MS) return undefined;
      return readOnce(id);
    },
    peek: (id) => rows.peek(id)?.value,
    has: (id) => rows.has(id) || reading.has(id),
    refresh: async (ids) => {
      if (ids.length > 0) await load(ids);
    },
    ids: () => [...rows.keys()],
  };
}
