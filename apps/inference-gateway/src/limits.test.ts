import { createRedisRateLimiter, closeRedis, openRedis } from "@signalpath/adapter-redis";
import { subjects } from "@signalpath/contracts";
import { createMemoryRateLimiter } from "@signalpath/ports";
import { describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { createAuthenticator } from "@signalpath/service-kit";
import { randomUUID } from "node:crypto";
import { describe, expect, test, vi } from "vitest";

import { createInferenceGateway } from "./app.ts";
import { limitText } from "./charge.ts";
import type { GatewayDeps } from "./deps.ts";
import { openWorld, type World } from "./test-world.ts";

const USER = { user_id: "u1" };
const limited = (count: number) => ({
  settings: { rateLimit: { count, windowMs: 60_000 } },
});

/** Another instance over the same stores. */
function twin(world: World, change: Partial<GatewayDeps> = {}) {
  const { clock, keys, pepper, deps } = world;
  const authenticator = createAuthenticator({
    keys,
    pepper,
    now: clock.now,
    logger: deps.kit.logger,
  });
  const app = createInferenceGateway({ ...deps, authenticator, ...change });
  const ask = (path: string): Promise<Response> => {
    const init = {
      method: "POST",
      headers: { "x-api-key": world.key },
      body: JSON.stringify(USER),
    };
    return Promise.resolve(app.fetch(new Request(`http://test${path}`, init)));
  };
  return { app, ask };
}

describe("the limit of a key", () => {
  test("is told on every answer, and its 429 in words, body and headers", async () => {
    const world = await openWorld(() => limited(3));
    const id = await world.model();
    const path = `/inference/predict/${id}`;
    const first = await world.post(path, USER);
    expect(first.headers.get("ratelimit-policy")).toBe('"key";q=3;w=60');
    expect(first.headers.get("ratelimit")).toBe('"key";r=2;t=20');
    // One bucket a key, whatever the path.
    await world.post(`/predict/${id}/related`, { seed_items: ["a1"] });
    await world.post(`/predict/project/${world.project.id}`, USER);
    const refused = await world.post(path, USER);
    const body: unknown = await refused.json();
    expect([refused.status, body]).toEqual([
      429,
      {
        error: "Rate limit exceeded: 3 per 1 minute",
        detail: "Rate limit exceeded: 3 per 1 minute",
        code: "RATE_LIMITED",
        request_id: refused.headers.get("x-request-id"),
      },
    ]);
    expect(refused.headers.get("retry-after")).toBe("20");
    expect(refused.headers.get("ratelimit-policy")).toBe('"key";q=3;w=60');
    expect(refused.headers.get("ratelimit")).toBe('"key";r=0;t=20');
    world.clock.advance(20_000);
    expect((await world.post(path, USER)).status).toBe(200);
    await world.close();
  });

  test("counts each user of a batch; one larger than the limit takes all of it", async () => {
    const world = await openWorld(() => limited(10));
    const id = await world.model();
    const batch = (users: number) =>
      world.post(`/predict/${id}/batch`, { user_ids: Array.from({ length: users }, () => "u1") });
    expect((await batch(7)).headers.get("ratelimit")).toMatch(/^"key";r=3;/);
    expect((await batch(4)).status).toBe(429);
    expect((await batch(3)).status).toBe(200);
    expect((await batch(0)).status).toBe(429);
    world.clock.advance(60_000);
    expect((await batch(50)).headers.get("ratelimit")).toMatch(/^"key";r=0;/);
    await world.close();
  });

  test("charges nothing for what is refused before", async () => {
    const world = await openWorld(() => limited(1));
    const id = await world.model();
    expect((await world.post(`/predict/${id}`, { user_id: 5 })).status).toBe(422);
    expect((await world.post("/predict/best", USER)).status).toBe(422);
    expect((await world.post(`/predict/${id}`, USER)).status).toBe(200);
    const { key } = await world.issue(world.project.id, ["predict"]);
    expect((await world.post(`/predict/${id}`, USER, { key })).status).toBe(200);
    expect((await world.post(`/predict/${id}`, USER)).status).toBe(429);
    await world.close();
  });

  test.each([
    [{ count: 100, windowMs: 60_000 }, "100 per 1 minute"],
    [{ count: 5, windowMs: 1_000 }, "5 per 1 second"],
    [{ count: 7, windowMs: 3_600_000 }, "7 per 1 hour"],
    [{ count: 7, windowMs: 86_400_000 }, "7 per 1 day"],
  ])("%j is %s", (limit, text) => expect(limitText(limit)).toBe(text));
});

describe("two instances", () => {
  test("a revocation that is heard holds at once on both, also for a key in memory", async () => {
    const world = await openWorld();
    const id = await world.model();
    const other = twin(world);
    for (const app of [world.app, other.app]) await app.start();
    expect((await world.post(`/predict/${id}`, USER)).status).toBe(200);
    expect((await other.ask(`/predict/${id}`)).status).toBe(200);
    await world.keys.revoke(world.keyId, new Date(world.clock.now()).toISOString());
    const message = { project_id: world.project.id, key_id: world.keyId };
    await world.bus.publish(subjects.keyRevoked, message);
    await vi.waitFor(async () => {
      for (const answer of [
        await world.post(`/predict/${id}`, USER),
        await other.ask(`/predict/${id}`),
      ]) {
        const { detail } = (await answer.json()) as { detail: string };
        expect([answer.status, detail]).toEqual([401, "Invalid API key"]);
      }
    });
    await other.app.close();
    await world.close();
  });

  test("one that is not heard holds after 60 s", async () => {
    const world = await openWorld();
    const id = await world.model();
    await world.app.start();
    expect((await world.post(`/predict/${id}`, USER)).status).toBe(200);
    await world.keys.revoke(world.keyId, new Date(world.clock.now()).toISOString());
    world.clock.advance(59_999);
    expect((await world.post(`/predict/${id}`, USER)).status).toBe(200);
    world.clock.advance(1);
    expect((await world.post(`/predict/${id}`, USER)).status).toBe(401);
    await world.close();
  });

  test("share what an address may fail", async () => {
    const limiter = createMemoryRateLimiter({ now: () => 0 });
    const world = await openWorld();
    const { keys, pepper, deps } = world;
    const { logger } = deps.kit;
    const [one, two] = [0, 1].map(() =>
      createAuthenticator({ keys, pepper, now: () => 0, logger, limiter }),
    );
    const fail = async (which: typeof one, at: number) =>
      which?.verify(`rctm_wrong-${String(at).padStart(8, "0")}`, "192.0.2.1").then(
        () => "let in",
        (error: { code: string }) => error.code,
      );
    for (let at = 0; at < 100; at++) {
      expect(await fail(at % 2 === 0 ? one : two, at)).toBe("KEY_INVALID");
    }
    expect(await fail(one, 100)).toBe("RATE_LIMITED");
    expect(await fail(two, 101)).toBe("RATE_LIMITED");
    await world.close();
  });
});

describeWithServers("redis", "two instances over one Redis", (url) => {
  test("allow exactly the limit together, whoever is asked", async () => {
    const client = await openRedis(url, { onError: () => undefined });
    const second = await openRedis(url, { onError: () => undefined });
    const count = 120;
    // A month refills one in six hours: none while this runs.
    const settings = { rateLimit: { count, windowMs: 30 * 86_400_000 } };
    const world = await openWorld(() => ({ limiter: createRedisRateLimiter(client), settings }));
    const other = twin(world, { limiter: createRedisRateLimiter(second), settings });
    // Ids of keys begin at 1 in every world: its budget must be nobody else's.
    const { key } = await keyWithFreshId(world);
    world.key = key;
    const id = await world.model();
    const asked = Array.from({ length: 2 * count }, (_, at) =>
      at % 3 === 0 ? other.ask(`/predict/${id}`) : world.post(`/predict/${id}`, USER, { key }),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(count);
    expect(statuses.filter((status) => status === 429)).toHaveLength(count);
    await other.app.close();
    await world.close();
    for (const each of [client, second]) await closeRedis(each);
  });
});

/** A key whose id no other test's world has. */
async function keyWithFreshId(world: World): Promise<{ key: string }> {
  const issued = await world.issue(world.project.id, ["predict"]);
  const findByHash = world.keys.findByHash.bind(world.keys);
  const id = Number.parseInt(randomUUID().slice(0, 8), 16) + 1_000_000;
  world.keys.findByHash = async (hash) => {
    const record = await findByHash(hash);
    return record?.id === issued.id ? { ...record, id } : record;
  };
  return issued;
}
