import { itemSignals, type ItemSignals, type Neighbour } from "@signalpath/domain";
import type { Clock, ItemHour, ItemStats, Projects } from "@signalpath/ports";

import { allProjectIds } from "./all-projects.ts";
import type { Logger } from "./logger.ts";
import { createRepeater } from "./repeater.ts";

/** The trending tick, milliseconds: within one tick the same request gets the same list. */
export const TREND_TICK_MS = 10_000;
/** How far back item hours are read, hours. */
export const WINDOW_HOURS = 7 * 24;
const HOUR_MS = 3_600_000;
const NO_NEIGHBOURS: readonly Neighbour[] = [];
const NO_HOURS: readonly ItemHour[] = [];

/** What is known of one project's items at one tick. Never changes once made. */
export interface ItemStatsSnapshot {
  /** Start of the tick it was made in: the moment trends are measured to. */
  tickMs: number;
  /** Items with anything counted in the last 7 days. */
  signals: ReadonlyMap<string, ItemSignals>;
  /** What was counted of an item in the last 7 days, in no order. */
  hours: (itemId: string) => readonly ItemHour[];
  /** Most similar first; empty for an item nobody shares. */
  neighbours: (itemId: string) => readonly Neighbour[];
  /** When the neighbour table was computed; undefined = there is none yet. */
  neighboursComputedAt: string | undefined;
}

/** Trend, quality, popularity and neighbours of items, re-read every tick. */
export interface ItemStatsFeed {
  /** First reading, then one a tick. A store that is down is retried, not thrown. */
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

/** Start of the tick a moment lies in, milliseconds. */
export function tickOf(ms: number, tickMs = TREND_TICK_MS): number {
  return Math.floor(ms / tickMs) * tickMs;
}

/** Keeps one snapshot a project, replaced as a whole; on failure the last one stays. */
export function createItemStatsFeed(deps: {
  stats: Pick<ItemStats, "itemHours" | "neighbours">;
  projects: Pick<Projects, "list">;
  now: Clock;
  logger: Logger;
  tickMs?: number;
}): ItemStatsFeed {
  const { stats, now } = deps;
  const tickMs = deps.tickMs ?? TREND_TICK_MS;
  const snapshots = new Map<number, ItemStatsSnapshot>();
  const tables = new Map<number, NeighbourTable>();
  let failing = true;

  async function readTable(projectId: number): Promise<NeighbourTable | undefined> {
    const known = tables.get(projectId);
    const fresh = await stats.neighbours(projectId, known?.computedAt);
    if (fresh === undefined) return known;
    const table = {
      computedAt: fresh.computedAt,
      lists: new Map(fresh.rows.map((row) => [row.item_id, row.neighbours])),
    };
    tables.set(projectId, table);
    return table;
  }

  async function read(projectId: number): Promise<void> {
    const tick = tickOf(now(), tickMs);
    const rows = await stats.itemHours(projectId, Math.floor(tick / HOUR_MS) - WINDOW_HOURS);
    const table = await readTable(projectId);
    // Grouped when an item is first asked for: most ticks nobody asks.
    let byItem: Map<string, ItemHour[]> | undefined;
    snapshots.set(projectId, {
      tickMs: tick,
      signals: itemSignals(rows, tick),
      hours: (itemId) => (byItem ??= grouped(rows)).get(itemId) ?? NO_HOURS,
      neighbours: (itemId) => table?.lists.get(itemId) ?? NO_NEIGHBOURS,
      neighboursComputedAt: table?.computedAt,
    });
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
    start: () => repeater.runNow(),
    close: () => repeater.close(),
    refresh: () => repeater.runNow(),
    snapshot: (projectId) => snapshots.get(projectId),
    degraded: () => failing,
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
