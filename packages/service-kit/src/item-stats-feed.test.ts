import { subjects } from "@signalpath/contracts";
import {
  createManualClock,
  createMemoryArchive,
  createMemoryBus,
  createMemoryProjects,
  UnavailableError,
  type ItemStats,
} from "@signalpath/ports";
import { afterEach, expect, test, vi } from "vitest";

import { createItemStatsFeed, tickOf, type ItemStatsFeed } from "./item-stats-feed.ts";
import { createLogger } from "./logger.ts";
import { sha256 } from "./sha256.ts";

const feeds: ItemStatsFeed[] = [];
afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.close();
});

async function open(change: (stats: ItemStats) => Partial<ItemStats> = () => ({})) {
  const clock = createManualClock();
  const { now } = clock;
  const { archive, itemStats } = createMemoryArchive({ sha256, now });
  const projects = createMemoryProjects({ now });
  const { id } = await projects.create("shop");
  const stats = { ...itemStats, ...change(itemStats) };
  const logger = createLogger({ service: "test", level: "silent" });
  const bus = createMemoryBus({ now });
  const feed = createItemStatsFeed({ stats, projects, bus, now, logger });
  feeds.push(feed);
  let serial = 0;
  return {
    feed,
    id,
    now,
    advance: (ms: number) => clock.advance(ms),
    projects,
    itemStats,
    /** Archived, and heard if so. */
    async like(itemId: string, { heard = false } = {}) {
      const at = new Date(now()).toISOString();
      const event_id = `e-${++serial}`;
      const base = { event_id, project_id: id, user_id: `u-${serial}`, item_id: itemId };
      const event = {
        ...base,
        kind: "feedback" as const,
        reaction: "like" as const,
        occurred_at: at,
        received_at: at,
      };
      await archive.put([event]);
      if (!heard) return;
      const reached = new Promise<void>((resolve) => {
        void bus.hear(subjects.tipFeedback.name, () => resolve());
      });
      await bus.publish(subjects.tipFeedback, event);
      await reached;
    },
  };
}

test("tells what trends at a tick; the same snapshot stays until the next reading", async () => {
  const world = await open();
  await world.like("a");
  await world.like("a");
  await world.like("b");
  expect(world.feed.degraded()).toBe(true);
  await world.feed.start();
  const first = world.feed.snapshot(world.id);
  expect(first?.tickMs).toBe(tickOf(world.now()));
  expect(first?.signals.get("a")?.trend).toBe(1);
  expect(first?.signals.get("b")?.trend).toBeCloseTo(0.5);
  expect(world.feed.degraded()).toBe(false);
  await world.like("b");
  await world.like("b");
  expect(world.feed.snapshot(world.id)).toBe(first);
  world.advance(10_000);
  await world.feed.refresh();
  const second = world.feed.snapshot(world.id);
  expect(second?.tickMs).toBe((first?.tickMs ?? 0) + 10_000);
  expect(second?.signals.get("b")?.trend).toBe(1);
  expect(first?.signals.get("b")?.trend).toBeCloseTo(0.5);
});

test("forgets what is older than seven days, knows new projects, knows nothing of unknown ones", async () => {
  const world = await open();
  await world.like("a");
  world.advance(8 * 24 * 3_600_000);
  const other = await world.projects.create("other");
  await world.feed.start();
  expect(world.feed.snapshot(world.id)?.signals.size).toBe(0);
  expect(world.feed.snapshot(other.id)?.signals.size).toBe(0);
  expect(world.feed.snapshot(99)).toBeUndefined();
});

test("reads the neighbour table only when it is new", async () => {
  const neighbours = vi.fn<ItemStats["neighbours"]>();
  const world = await open((stats) => ({
    neighbours: neighbours.mockImplementation(stats.neighbours.bind(stats)),
  }));
  await world.feed.start();
  const before = world.feed.snapshot(world.id);
  expect(before?.neighbours("a")).toEqual([]);
  const near = { item_id: "b", similarity: 0.5 };
  const at = new Date(world.now()).toISOString();
  await world.itemStats.replaceNeighbours(world.id, [{ item_id: "a", neighbours: [near] }], at);
  await world.feed.refresh();
  expect(world.feed.snapshot(world.id)?.neighbours("a")).toEqual([near]);
  expect(world.feed.snapshot(world.id)?.neighboursComputedAt).toBe(at);
  expect(before?.neighbours("a")).toEqual([]);
  await world.feed.refresh();
  expect(neighbours).toHaveBeenLastCalledWith(world.id, at);
  expect(world.feed.snapshot(world.id)?.neighbours("a")).toEqual([near]);
});

test("a failure keeps the last snapshot and is told; the next success ends it", async () => {
  let down = false;
  const world = await open((stats) => ({
    itemHours: (...args) =>
      down ? Promise.reject(new UnavailableError("postgres", "gone")) : stats.itemHours(...args),
  }));
  await world.like("a");
  await world.feed.start();
  const kept = world.feed.snapshot(world.id);
  down = true;
  world.advance(10_000);
  await world.feed.refresh();
  expect(world.feed.degraded()).toBe(true);
  expect(world.feed.snapshot(world.id)).toBe(kept);
  down = false;
  await world.feed.refresh();
  expect(world.feed.degraded()).toBe(false);
  expect(world.feed.snapshot(world.id)).not.toBe(kept);
});

test("counts on between readings, in steps; the reading makes it exact, a failed one loses nothing", async () => {
  let down = false;
  const world = await open((stats) => ({
    itemHours: (...args) =>
      down ? Promise.reject(new UnavailableError("postgres", "gone")) : stats.itemHours(...args),
  }));
  await world.like("a");
  await world.like("a");
  await world.feed.start();
  const positives = (itemId: string) =>
    (world.feed.snapshot(world.id)?.hours(itemId) ?? []).reduce((sum, row) => sum + row.count, 0);
  const first = world.feed.snapshot(world.id);
  world.advance(400);
  await world.like("b", { heard: true });
  expect(world.feed.snapshot(world.id)).toBe(first);
  world.advance(100);
  const second = world.feed.snapshot(world.id);
  expect(second?.revision).not.toBe(first?.revision);
  expect(second?.tickMs).toBe(first?.tickMs);
  expect(second?.signals.get("b")?.trend6h).toBeCloseTo(0.5);
  expect(first?.signals.get("b")).toBeUndefined();
  world.advance(500);
  expect(world.feed.snapshot(world.id)).toBe(second);

  down = true;
  await world.feed.refresh();
  await world.like("b", { heard: true });
  world.advance(500);
  expect(world.feed.degraded()).toBe(true);
  expect([positives("a"), positives("b")]).toEqual([2, 2]);
  await world.like("c");
  down = false;
  await world.feed.refresh();
  expect([positives("a"), positives("b"), positives("c")]).toEqual([2, 2, 1]);
  expect(world.feed.snapshot(world.id)?.revision).not.toBe(second?.revision);
  world.advance(500);
  expect([positives("a"), positives("b"), positives("c")]).toEqual([2, 2, 1]);
});
