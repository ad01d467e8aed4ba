import { randomBytes } from "node:crypto";

import { openStores, openUserState } from "@signalpath/backends";
import { subjects } from "@signalpath/contracts";
import { userKey, type SignalEvent, type UserKey } from "@signalpath/domain";
import { createMemoryBus, type UserModelStore } from "@signalpath/ports";
import { describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { startRedis } from "@signalpath/real-servers/redis.ts";
import { createContentFeed, sha256 } from "@signalpath/service-kit";
import { expect, inject, onTestFinished, test, vi } from "vitest";

import { createContext } from "./app.ts";
import { SIGNALS_DURABLE } from "./apply-batch.ts";
import { rebuildAll, rebuildUsers } from "./rebuild.ts";
import { createRevertible, seeded } from "./shaken-store.ts";
import { items, openWorld, type World } from "./test-world.ts";

const ID_COUNT = 8;
const HOUR_MS = 3_600_000;

/** Ids of one run. */
const idsOf = (token: string, space: "u" | "a") =>
  Array.from({ length: ID_COUNT }, (_, n) => `${token}-${space}${n}`);

/** Shared devices, aliases, and events that come up to an hour late, in a seeded mess. */
function messOf(projectId: number, endMs: number, token: string, seed: number): SignalEvent[] {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const [users, devices] = [idsOf(token, "u"), idsOf(token, "a")];
  return Array.from({ length: 300 }, (_, n): SignalEvent => {
    const occurred = new Date(endMs - Math.floor(random() * HOUR_MS)).toISOString();
    const who = random();
    return {
      event_id: `${token}-${seed}-${n}`,
      project_id: projectId,
      kind: "feedback",
      occurred_at: occurred,
      received_at: new Date(endMs).toISOString(),
      reaction: pick(["like", "dislike", "click", "done"] as const),
      item_id: `i${Math.floor(random() * 12)}`,
      ...(who < 0.3 ? {} : { user_id: pick(users) }),
      ...(who < 0.6 ? { anonymous_id: pick(devices) } : {}),
      ...(who > 0.95 ? { previous_id: pick(users) } : {}),
    };
  });
}

type Run = { world: World; projectId: number; token: string };

const keysOf = ({ projectId, token }: Run): UserKey[] => [
  ...idsOf(token, "u").map((id) => userKey(sha256, projectId, "user", id)),
  ...idsOf(token, "a").map((id) => userKey(sha256, projectId, "anonymous", id)),
];

/** The bytes of the model that each id leads to. */
async function bytesOf(models: UserModelStore, run: Run): Promise<(string | undefined)[]> {
  return Promise.all(
    keysOf(run).map(async (key) => {
      const answer = await models.get(key);
      const found = answer.status === "moved" ? await models.get(answer.to) : answer;
      return found.status === "ok" ? JSON.stringify(found.model) : undefined;
    }),
  );
}

async function apply({ world }: Run, events: readonly SignalEvent[]): Promise<void> {
  for (const event of events) await world.publish(event);
  await vi.waitFor(
    async () => {
      const lag = await world.deps.bus.lag(SIGNALS_DURABLE, "signals.>");
      expect(lag).toEqual({ pending: 0, ackPending: 0 });
    },
    { timeout: 30_000, interval: 10 },
  );
}

/** What management-api does to erase somebody. */
async function erase({ world, projectId }: Run, userId: string): Promise<void> {
  const { archive, buffer, models, bus } = world.deps;
  const at = world.now();
  const { keys } = await archive.erase(projectId, userKey(sha256, projectId, "user", userId), at);
  for (const key of keys) {
    await buffer.erase(key, at);
    await models.erase(key, at);
  }
  const erased_at = new Date(at).toISOString();
  const payload = { project_id: projectId, user_id: userId, erased_at, keys };
  await bus.publish(subjects.userErased, payload);
}

/** Lives through a mess; answers the models at its end. The updater is closed then. */
async function live(run: Run): Promise<(string | undefined)[]> {
  const { world, projectId, token } = run;
  const updater = world.create();
  await updater.start();
  try {
    const now = () => world.now() - 1_000;
    await apply(run, messOf(projectId, now(), token, 1));
    await erase(run, `${token}-u1`);
    // Some of these are of erased people and older than the erasure: they die.
    await apply(run, messOf(projectId, now(), token, 2));
    // And one of them begins afresh.
    const at = new Date(world.now() + 2_000).toISOString();
    const [fresh] = messOf(projectId, now(), token, 3);
    const event = { ...(fresh as SignalEvent), user_id: `${token}-u1`, occurred_at: at };
    await apply(run, [{ ...event, received_at: at }]);
  } finally {
    await updater.close();
  }
  return bytesOf(world.deps.models, run);
}

/** The verbs of an updater that takes no messages. */
async function contextOf(deps: World["deps"]) {
  const { now, logger } = deps.kit;
  const feed = createContentFeed({ ...deps, store: deps.content, now, logger });
  await feed.start();
  onTestFinished(() => feed.close());
  return createContext(deps, feed);
}

function isAMess(before: readonly (string | undefined)[]): void {
  const kept = before.filter((bytes) => bytes !== undefined);
  expect(kept.length).toBeGreaterThan(ID_COUNT);
  // Linked ids lead to one model, and not all to the same.
  expect(new Set(kept).size).toBeLessThan(kept.length);
  expect(new Set(kept).size).toBeGreaterThan(1);
}

test("in memory: after a loss of everything a rebuild gives each model byte for byte, under each id", async () => {
  const token = randomBytes(4).toString("hex");
  let store: ReturnType<typeof createRevertible> | undefined;
  const world = await openWorld(({ kit }) => {
    store = createRevertible(kit.now, []);
    return store;
  });
  const run = { world, projectId: 1, token };
  const before = await live(run);
  isAMess(before);
  store?.wipe();
  expect(new Set(await bytesOf(world.deps.models, run))).toEqual(new Set([undefined]));
  const result = await rebuildAll(await contextOf(world.deps), undefined);
  expect(result.rebuilt).toBe(new Set(before.filter(Boolean)).size);
  expect(await bytesOf(world.deps.models, run)).toEqual(before);
});

test("one person by an anonymous id that is linked: the model is there under each of their ids", async () => {
  const token = randomBytes(4).toString("hex");
  let store: ReturnType<typeof createRevertible> | undefined;
  const world = await openWorld(({ kit }) => {
    store = createRevertible(kit.now, []);
    return store;
  });
  const run = { world, projectId: 1, token };
  const before = await live(run);
  const keys = keysOf(run);
  const owners = await Promise.all(keys.map((key) => world.deps.archive.resolve(1, key)));
  // A device whose owner has other ids too.
  const place = keys.findIndex(
    (key, at) =>
      at >= ID_COUNT &&
      owners[at] !== key &&
      before[at] !== undefined &&
      owners.filter((owner) => owner === owners[at]).length > 2,
  );
  expect(place).toBeGreaterThanOrEqual(0);
  store?.wipe();
  const device = `${token}-a${place - ID_COUNT}`;
  const result = await rebuildUsers(await contextOf(world.deps), 1, [device]);
  expect(result).toEqual({ rebuilt: 1, unknown: [] });
  const expected = before.map((bytes, at) => (owners[at] === owners[place] ? bytes : undefined));
  expect(await bytesOf(world.deps.models, run)).toEqual(expected);
});

describeWithServers("postgres", "rebuild on Redis and Postgres", (postgresUrl) => {
  const { redis } = inject("servers");

  test.skipIf(redis.url === undefined)(
    "after Redis came back empty a rebuild gives each model byte for byte, under each id",
    async () => {
      const server = await startRedis();
      onTestFinished(() => server.stop());
      const settings = { NODE_ENV: "test", REDIS_URL: server.url, DATABASE_URL: postgresUrl };
      const opening = {
        service: "rebuild-test",
        now: Date.now,
        sha256,
        warn: () => undefined,
        onError: () => undefined,
      };
      const stores = await openStores(settings, opening);
      onTestFinished(() => stores.close());
      const userState = await openUserState(settings, opening);
      onTestFinished(() => userState.close());
      const project = await stores.projects.create("a shop of the rebuild tests");
      await stores.catalogue.put(project.id, items());
      const world = await openWorld(({ kit }) => ({
        ...stores,
        ...userState,
        bus: createMemoryBus({ now: Date.now, retryPausesMs: [1] }),
        kit: { ...kit, now: Date.now },
      }));
      const token = randomBytes(6).toString("hex");
      const run = { world: { ...world, now: Date.now }, projectId: project.id, token };
      const before = await live(run);
      isAMess(before);
      await server.kill("SIGKILL");
      await server.start();
      await vi.waitFor(() => userState.models.check(), { timeout: 20_000 });
      expect(new Set(await bytesOf(world.deps.models, run))).toEqual(new Set([undefined]));
      const result = await rebuildAll(await contextOf(world.deps), project.id);
      expect(result.rebuilt).toBe(new Set(before.filter(Boolean)).size);
      expect(await bytesOf(world.deps.models, run)).toEqual(before);
    },
  );
});
