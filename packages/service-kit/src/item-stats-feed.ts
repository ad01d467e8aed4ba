import { itemSignals, type ItemSignals, type Neighbour } from "@signalpath/domain";
import type { Bus, Clock, ItemHour, ItemStats, Projects } from "@signalpath/ports";

import { allProjectIds } from "./all-projects.ts";
import { createLiveItemCounts } from "./live-item-counts.ts";
import type { Logger } from "./logger.ts";
import { createRepeater } from "./repeater.ts";

/** The trending tick, milliseconds: trends are measured to its start, and counts are read anew. */
export const TREND_TICK_MS = 10_000;
/** How far back item hours are read, hours. */
export const WINDOW_HOURS = 7 * 24;
/** What was heard is added to a snapshot at most this often, milliseconds. */
const MERGE_MS = 500;
/**
 * In a large project less often, a millisecond for so many rows: adding computes every signal anew,
 * about half a microsecond a row, so it takes a fiftieth of the time at most.
 */
const ROWS_A_MS = 40;
const HOUR_MS = 3_600_000;
const NO_NEIGHBOURS: readonly Neighbour[] = [];
const NO_HOURS: readonly ItemHour[] = [];

/** What is known of one project's items at one moment of a tick. Never changes once made. */
export interface ItemStatsSnapshot {
  /** Another for every snapshot of this process: names what was made with it. */
  revision: number;
  /** Start of the tick it was made in: the moment trends are measured to. */
  tickMs: number;
  /** Items with anything counted in the last 7 days. */
  signals: ReadonlyMap<string, ItemSignals>;
  /** What was counted of an item in the last 7 days, in no order; an hour and class may come twice. */
  hours: (itemId: string) => readonly ItemHour[];
  /** Most similar first; empty for an item nobody shares. */
  neighbours: (itemId: string) => readonly Neighbour[];
  /** When the neighbour table was computed; undefined = there is none yet. */
  neighboursComputedAt: string | undefined;
}

/** Trend, quality, popularity and neighbours of items: re-read every tick, counted on in between. */
export interface ItemStatsFeed {
  /** Listens, reads, then reads once a tick. A store that is down is retried, not thrown. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** Reads now, outside the beat. */
  refresh(): Promise<void>;
  /** Latest snapshot; undefined while none could be made. */
  snapshot(projectId: number): ItemStatsSnapshot | undefined;
  /** True while the last reading failed: the snapshot is an old one or missing. */
  degraded(): boolean;
}

type NeighbourTable = { computedAt: string; lists: Map<string, readonly Neighbour[]> };

/** A reading, and what was made of it and of what was heard since. */
interface Known {
  tickMs: number;
  rows: readonly ItemHour[];
  table: NeighbourTable | undefined;
  snapshot: ItemStatsSnapshot;
  /** When the snapshot was made, and how many events heard since the reading are in it. */
  madeAtMs: number;
  changes: number;
}

/** Start of the tick a moment lies in, milliseconds. */
export function tickOf(ms: number, tickMs = TREND_TICK_MS): number {
  return Math.floor(ms / tickMs) * tickMs;
}

/**
 * Keeps one snapshot a project, replaced as a whole; on failure the last one stays and goes on
 * counting. A snapshot that is asked for holds what was heard until then or until half a second
 * before (later in projects of more than 20,000 rows).
 */
export function createItemStatsFeed(deps: {
  stats: Pick<ItemStats, "itemHours" | "neighbours">;
  projects: Pick<Projects, "list">;
  bus: Pick<Bus, "hear" | "onReconnect">;
  now: Clock;
  logger: Logger;
  tickMs?: number;
}): ItemStatsFeed {
  const { stats, now } = deps;
  const tickMs = deps.tickMs ?? TREND_TICK_MS;
  const projects = new Map<number, Known>();
  const live = createLiveItemCounts(deps);
  const readTable = createTableReader(stats);
  let revision = 0;
  let failing = true;

  async function read(projectId: number): Promise<void> {
    const tick = tickOf(now(), tickMs);
    const rows = await stats.itemHours(projectId, Math.floor(tick / HOUR_MS) - WINDOW_HOURS);
    const table = await readTable(projectId);
    live.replaced(projectId);
    const base = { tickMs: tick, rows, table };
    const snapshot = snapshotOf(base, rows, ++revision);
    projects.set(projectId, { ...base, snapshot, madeAtMs: now(), changes: 0 });
  }

  function snapshotNow(projectId: number): ItemStatsSnapshot | undefined {
    const known = projects.get(projectId);
    if (known === undefined) return undefined;
    const changes = live.changes(projectId);
    const pauseMs = Math.max(MERGE_MS, known.rows.length / ROWS_A_MS);
    if (changes === known.changes || now() - known.madeAtMs < pauseMs) return known.snapshot;
    const rows = [...known.rows, ...live.rows(projectId)];
    known.snapshot = snapshotOf(known, rows, ++revision);
    known.madeAtMs = now();
    known.changes = changes;
    return known.snapshot;
  }

  const repeater = createRepeater({
    task: async () => {
      try {
        for (const projectId of await allProjectIds(deps.projects)) await read(projectId);
        failing = false;
      } catch (error) {
        failing = true;
        throw error;
      }
    },
    // Shortly after the next tick begins, so that every replica reads at about the same moment.
    pauseMs: () => tickMs - (now() % tickMs) + 1,
    what: "reading item statistics",
    logger: deps.logger,
  });

  return {
    async start() {
      await live.start();
      await repeater.runNow();
    },
    async close() {
      await live.close();
      await repeater.close();
    },
    refresh: () => repeater.runNow(),
    snapshot: snapshotNow,
    degraded: () => failing,
  };
}

/** Reads a project's neighbours when there are newer ones than it read before. */
function createTableReader(stats: Pick<ItemStats, "neighbours">) {
  const tables = new Map<number, NeighbourTable>();
  return async (projectId: number): Promise<NeighbourTable | undefined> => {
    const known = tables.get(projectId);
    const fresh = await stats.neighbours(projectId, known?.computedAt);
    if (fresh === undefined) return known;
    const table = {
      computedAt: fresh.computedAt,
      lists: new Map(fresh.rows.map((row) => [row.item_id, row.neighbours])),
    };
    tables.set(projectId, table);
    return table;
  };
}

function snapshotOf(
  { tickMs, table }: Pick<Known, "tickMs" | "table">,
  rows: readonly ItemHour[],
  revision: number,
): ItemStatsSnapshot {
  // Grouped when an item is first asked for: mostly nobody asks.
  let byItem: Map<string, ItemHour[]> | undefined;
  return {
    revision,
    tickMs,
    signals: itemSignals(rows, tickMs),
    hours: (itemId) => (byItem ??= grouped(rows)).get(itemId) ?? NO_HOURS,
    neighbours: (itemId) => table?.lists.get(itemId) ?? NO_NEIGHBOURS,
    neighboursComputedAt: table?.computedAt,
  };
}

function grouped(rows: readonly ItemHour[]): Map<string, ItemHour[]> {
  const byItem = new Map<string, ItemHour[]>();
  for (const row of rows) {
    const mine = byItem.get(row.item_id);
    if (mine === undefined) byItem.set(row.item_id, [row]);
    else mine.push(row);
  }
  return byItem;
}
