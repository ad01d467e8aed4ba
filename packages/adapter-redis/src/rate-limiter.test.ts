import { randomBytes, randomUUID } from "node:crypto";

import { UnavailableError } from "@signalpath/ports";
import { rateLimiterContract } from "@signalpath/ports/contract-suites";
import { describeWithBinary, describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { startRedis } from "@signalpath/real-servers/redis.ts";
import { expect, onTestFinished, test } from "vitest";

import { closeRedis, openRedis, type RedisClient } from "./client.ts";
import { createRedisRateLimiter } from "./rate-limiter.ts";

async function connect(url: string): Promise<RedisClient> {
  const client = await openRedis(url, { commandTimeoutMs: 10_000, onError: () => undefined });
  onTestFinished(() => closeRedis(client));
  return client;
}

describeWithServers("redis", "Redis rate limiter", (url) => {
  rateLimiterContract(async () => [
    createRedisRateLimiter(await connect(url)),
    createRedisRateLimiter(await connect(url)),
  ]);

  test("no budget stays for ever, and no name reaches a key", async () => {
    const client = await connect(url);
    const prefix = `test-${randomBytes(6).toString("hex")}`;
    const limiter = createRedisRateLimiter(client, { prefix });
    const name = `203.0.113.7 ${randomUUID()}`;
    await limiter.charge({ key: name, limit: 10, period_ms: 60_000, cost: 5 });
    const keys = await client.keys(`${prefix}*`);
    expect(keys).toHaveLength(1);
    expect(keys.join()).not.toContain("203.0.113.7");
    const life = await client.pttl(keys[0] ?? "");
    expect(life).toBeGreaterThan(10_000);
    expect(life).toBeLessThanOrEqual(31_000);
  });
});

describeWithBinary("redis", "Redis rate limiter without its server", () => {
  test("a server that went away is said", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const limiter = createRedisRateLimiter(await connect(server.url));
    await server.kill("SIGKILL");
    const one = { key: "a", limit: 1, period_ms: 1_000, cost: 1 };
    await expect(limiter.charge(one)).rejects.toThrow(UnavailableError);
  });
});
