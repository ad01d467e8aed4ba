import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { BUFFER_WINDOW_MS, joinEvents, type SignalEvent, type UserKey } from "@signalpath/domain";
import fc from "fast-check";
import { MODEL_LIFE_MS, UnavailableError } from "@signalpath/ports";
import {
  eventAt,
  eventBufferContract,
  featureStoreContract,
  randomKey,
  userModelStoreContract,
  type FeaturesUnderTest,
} from "@signalpath/ports/contract-suites";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { describeWithBinary, describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { startRedis } from "@signalpath/real-servers/redis.ts";
import { BEGIN_MOVE } from "./buffer-scripts.ts";
import { closeRedis, openRedis, type RedisClient } from "./client.ts";
import { bufferKeys, createRedisEventBuffer, MARK_LIFE_MS } from "./event-buffer.ts";
import { createRedisFeatureStore } from "./feature-store.ts";
import { personKeys } from "./keys.ts";
import { run } from "./script.ts";
import { createRedisUserModelStore } from "./user-model-store.ts";
import { redisWarnings } from "./warnings.ts";

async function connect(url: string): Promise<RedisClient> {
  const client = await openRedis(url, { commandTimeoutMs: 10_000, onError: () => undefined });
  onTestFinished(() => closeRedis(client));
  return client;
}

async function makeOn(url: string): Promise<FeaturesUnderTest> {
  const client = await connect(url);
  const prefix = `test-${randomBytes(6).toString("hex")}`;
  const [seconds = "0", micros = "0"] = (await client.time()) as unknown as string[];
  const offset = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000) - Date.now();
  return {
    buffer: createRedisEventBuffer(client, { prefix }),
    models: createRedisUserModelStore(client, { prefix }),
    features: createRedisFeatureStore(client, { prefix }),
    now: () => Date.now() + offset,
    advance: { skip: "the clock of a real server cannot be moved" },
    lose: async (key) => {
      await client.del(...Object.values(personKeys(prefix, key)));
      // Revisions go on by the server's clock, in milliseconds: no loss and refill is faster.
      await sleep(2);
    },
    beginMove: async (from, to) => {
      await run(client, BEGIN_MOVE, bufferKeys(prefix, from), [to, MARK_LIFE_MS]);
    },
  };
}

describeWithServers("redis", "Redis event buffer", (url) => {
  eventBufferContract(() => makeOn(url));

  describe("on Redis", () => {
    test("clients that know an earlier state, or none, get the same set", async () => {
      const prefix = `test-${randomBytes(6).toString("hex")}`;
      const buffers = [
        createRedisEventBuffer(await connect(url), { prefix }),
        createRedisEventBuffer(await connect(url), { prefix }),
        createRedisEventBuffer(await connect(url), { prefix, knownEvents: 300 }),
        createRedisEventBuffer(await connect(url), { prefix, knownEvents: 0 }),
      ] as const;
      const keys = [randomKey(), randomKey(), randomKey()] as const;
      const oracle = new Map<UserKey, SignalEvent[]>(keys.map((key) => [key, []]));
      // Ahead of the clock, so that no set expires while it consists of its oldest event.
      const start = Date.now() + BUFFER_WINDOW_MS / 2;
      const step = fc.record({
        who: fc.nat(3),
        key: fc.constantFrom(...keys),
        // More than the journal holds now and then, ids and times that come again.
        ids: fc.oneof(
          fc.array(fc.nat(400), { maxLength: 5 }),
          fc.integer({ min: 1, max: 200 }).map((n) => Array.from({ length: n }, (_, i) => n + i)),
        ),
        lost: fc.nat(20).map((n) => n === 0),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          for (const { who, key, ids, lost } of steps) {
            if (lost) {
              await buffers[0].erase(key, 0);
              oracle.set(key, []);
            }
            const events = ids.map((id) => {
              const age = id % 90 === 0 ? BUFFER_WINDOW_MS : (id * 7_919) % 100_000;
              return eventAt(`e${id}`, start - age);
            });
            const expected = joinEvents(oracle.get(key) ?? [], events);
            oracle.set(key, expected);
            const answer = await buffers[who as 0].append(key, events);
            expect(answer).toMatchObject({ status: "ok", events: expected });
          }
        }),
        { numRuns: 15 },
      );
    });

    test("appends that overlap on one connection all answer the whole set", async () => {
      const client = await connect(url);
      const prefix = `test-${randomBytes(6).toString("hex")}`;
      const buffer = createRedisEventBuffer(client, { prefix });
      const key = randomKey();
      const start = Date.now() - 9_000;
      const events = Array.from({ length: 200 }, (_, i) => eventAt(`e${i}`, start + i));
      await buffer.append(key, events.slice(0, 100));
      const answers = await Promise.all(
        events.slice(100).map((event) => buffer.append(key, [event])),
      );
      for (const [i, answer] of answers.entries()) {
        expect(answer).toMatchObject({ events: events.slice(0, 101 + i) });
      }
    });

    test("keys expire with what they hold", async () => {
      const client = await connect(url);
      const prefix = `test-${randomBytes(6).toString("hex")}`;
      const buffer = createRedisEventBuffer(client, { prefix });
      const [key, to] = [randomKey(), randomKey()];
      const newest = Date.now() - 5_000;
      await buffer.append(key, [eventAt("1", newest), eventAt("2", newest - 9_000)]);
      const keys = personKeys(prefix, key);
      for (const name of [keys.order, keys.payload, keys.meta]) {
        expect(await client.pexpiretime(name)).toBe(newest + BUFFER_WINDOW_MS);
      }
      await buffer.move(key, to);
      expect(await client.exists(keys.order, keys.payload, keys.model)).toBe(0);
      expect(await client.pttl(keys.meta)).toBeGreaterThan(BUFFER_WINDOW_MS - 60_000);
      expect(await client.pexpiretime(personKeys(prefix, to).order)).toBe(
        newest + BUFFER_WINDOW_MS,
      );
    });

    test("half a buffer, as eviction leaves it, counts as none", async () => {
      const client = await connect(url);
      const prefix = `test-${randomBytes(6).toString("hex")}`;
      const buffer = createRedisEventBuffer(client, { prefix });
      for (const half of ["order", "payload"] as const) {
        const key = randomKey();
        const first = await buffer.append(key, [eventAt("1", Date.now())], { fill: true });
        await client.del(personKeys(prefix, key)[half]);
        expect(await buffer.read(key)).toMatchObject({ events: [], filled: false });
        const second = await buffer.append(key, [eventAt("1", Date.now())]);
        if (first.status !== "ok" || second.status !== "ok") throw new Error("moved");
        expect(second.events).toHaveLength(1);
        expect(second.revision).toBeGreaterThan(first.revision);
      }
    });

    test("a server that forgot the scripts gets them again", async () => {
      const client = await connect(url);
      const buffer = createRedisEventBuffer(client, { prefix: "test" });
      const key = randomKey();
      await buffer.append(key, [eventAt("1", Date.now())]);
      await client.script("FLUSH");
      const both = [eventAt("2", Date.now()), eventAt("3", Date.now())];
      await Promise.all(both.map((event) => buffer.append(key, [event])));
      const answer = await buffer.read(key);
      expect(answer.status === "ok" && answer.events).toHaveLength(3);
      await client.del(...Object.values(personKeys("test", key)));
    });
  });
});

describeWithServers("redis", "Redis user model store", (url) => {
  userModelStoreContract(() => makeOn(url));
});

describeWithServers("redis", "Redis feature store", (url) => {
  featureStoreContract(() => makeOn(url));

  test("expires 7 days after the last save; a number of any size keeps its digits", async () => {
    const client = await connect(url);
    const prefix = `test-${randomBytes(6).toString("hex")}`;
    const features = createRedisFeatureStore(client, { prefix });
    const key = randomKey();
    const values = new Map([["rate", 0.1 + 0.2]]);
    const at = { revision: 9_007_199_254_740_991, computedAtMs: 4_102_444_800_000 };
    await features.save(key, { values, ...at });
    expect(await features.get(key)).toEqual({
      status: "ok",
      features: new Map([["rate", { value: 0.1 + 0.2, ...at }]]),
    });
    const left = await client.pttl(personKeys(prefix, key).features);
    expect(left).toBeGreaterThan(MODEL_LIFE_MS - 60_000);
    expect(left).toBeLessThanOrEqual(MODEL_LIFE_MS);
  });
});

describeWithBinary("redis", "Redis that is killed", () => {
  test("acknowledged appends survive, calls fail fast meanwhile, listeners hear it", async () => {
    const server = await startRedis({ appendonly: true });
    onTestFinished(() => server.stop());
    const client = await connect(server.url);
    const buffer = createRedisEventBuffer(client);
    const models = createRedisUserModelStore(client);
    let reconnects = 0;
    const leave = buffer.onReconnect(() => reconnects++);
    const key = randomKey();
    const start = Date.now() - 9_000;
    const events = Array.from({ length: 50 }, (_, i) => eventAt(`e${i}`, start + i));
    let last = await buffer.append(key, [], { fill: true });
    for (const event of events) last = await buffer.append(key, [event]);
    await server.kill("SIGKILL");
    for (const call of [
      () => buffer.read(key),
      () => buffer.append(key, events),
      () => buffer.move(key, randomKey()),
      () => buffer.appliedAt(),
      () => models.get(key),
      () => buffer.check(),
    ]) {
      await expect(call()).rejects.toThrow(UnavailableError);
    }
    await server.start();
    await vi.waitFor(() => buffer.check(), { timeout: 20_000 });
    expect(await buffer.read(key)).toEqual(last);
    expect(last).toMatchObject({ events, filled: true });
    await vi.waitFor(() => expect(reconnects).toBe(1));
    leave();
  });

  test("a server that hangs answers UnavailableError after the command timeout", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = await openRedis(server.url, { commandTimeoutMs: 200 });
    onTestFinished(() => client.disconnect());
    const buffer = createRedisEventBuffer(client);
    await server.kill("SIGSTOP");
    await expect(buffer.read(randomKey())).rejects.toThrow(UnavailableError);
    await server.kill("SIGCONT");
    await vi.waitFor(() => buffer.check(), { timeout: 20_000 });
  });

  test("no server at start is said", async () => {
    const server = await startRedis();
    await server.stop();
    const options = { onError: () => undefined };
    await expect(openRedis(server.url, options)).rejects.toThrow(UnavailableError);
  });

  test("warns of what breaks a promise", async () => {
    const careless = await startRedis({
      args: ["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"],
    });
    onTestFinished(() => careless.stop());
    const client = await connect(careless.url);
    const warnings = await redisWarnings(client);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(/appendonly is off.*allkeys-lru/);
    const careful = await startRedis({ appendonly: true });
    onTestFinished(() => careful.stop());
    const other = await connect(careful.url);
    expect(await redisWarnings(other)).toEqual([]);
    await other.call("ACL", "SETUSER", "default", "-config");
    expect((await redisWarnings(other)).join()).toMatch(/CONFIG is refused/);
  });
});
