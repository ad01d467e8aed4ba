import {
  createManualClock,
  createMemoryBus,
  createMemoryExperiments,
  createMemoryProjects,
  type Experiments,
} from "@signalpath/ports";
import { createLogger } from "@signalpath/service-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createExperimentFeed } from "./experiment-feed.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A feed over memory whose bus says nothing but what a test says in its place. */
async function open() {
  const clock = createManualClock();
  const { now } = clock;
  const projects = createMemoryProjects({ now });
  const { id: projectId } = await projects.create("shop");
  const experiments = createMemoryExperiments({ projects, now });
  const store = { down: false };
  const list: Experiments["list"] = (request) =>
    store.down ? Promise.reject(new Error("gone")) : experiments.list(request);
  const reconnects: (() => void)[] = [];
  const feed = createExperimentFeed({
    experiments: { ...experiments, list },
    bus: {
      ...createMemoryBus({ now }),
      onReconnect(listener) {
        reconnects.push(listener);
        return () => undefined;
      },
    },
    logger: createLogger({ service: "test", level: "silent" }),
  });

  async function create(n: number, coverage = 1): Promise<string> {
    clock.advance(1);
    const { id } = await experiments.create({
      id: `0b8f7a52-6a5e-4c59-9d0a-${String(n).padStart(12, "0")}`,
      project_id: projectId,
      name: "ranking",
      status: "running",
      variations: [{ index: 0, name: "only", weight: 1, ranking: { mmr_lambda: 0.5 } }],
      hash_seed: `seed ${n}`,
      hash_version: 2,
      coverage,
      namespace: null,
      conversion_window_hours: 168,
      metrics: [],
    });
    return id;
  }
  return {
    feed,
    store,
    create,
    reconnect: () => {
      for (const listener of reconnects) listener();
    },
    assigned: () => feed.assign(projectId, "u")?.experimentId,
  };
}

test("a change that nobody told is read within 60 s, and at once after a reconnect", async () => {
  const { feed, create, assigned } = await open();
  expect(feed.degraded()).toBe(true);
  await feed.start();
  expect(feed.degraded()).toBe(false);
  const last = await create(3);
  expect(assigned()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(assigned()).toBe(last);
  await feed.close();

  const other = await open();
  await other.feed.start();
  const id = await other.create(1);
  other.reconnect();
  await vi.waitFor(() => expect(other.assigned()).toBe(id));
  await other.feed.close();
});

test("a store that is back is read within 2 s; until then no variation is named", async () => {
  const { feed, store, create, reconnect, assigned } = await open();
  const id = await create(1);
  await feed.start();
  expect(assigned()).toBe(id);
  store.down = true;
  reconnect();
  await vi.waitFor(() => expect(feed.degraded()).toBe(true));
  expect(assigned()).toBeUndefined();
  store.down = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(feed.degraded()).toBe(false);
  expect(assigned()).toBe(id);
  await feed.close();
});

test("of more than a page of experiments the first created that takes the unit in applies", async () => {
  const { feed, create, assigned } = await open();
  await create(1, 0);
  const second = await create(2);
  for (let n = 3; n <= 450; n++) await create(n);
  await feed.start();
  expect(assigned()).toBe(second);
  await feed.close();
});
