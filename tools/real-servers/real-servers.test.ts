import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { describeWithBinary, describeWithServers } from "./for-tests.ts";
import { startNats } from "./nats.ts";
import { startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";
import type { RealServer } from "./server.ts";
import { startAll } from "./start-all.ts";

/** Sends bytes to a port and answers once the reply contains `until`. */
function talk(port: number, bytes: Buffer | string, until: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`closed after: ${text}`)));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (!text.includes(until)) return;
      resolve(text);
      socket.destroy();
    });
  });
}

function startupPacket(user: string): Buffer {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0\0`, "latin1");
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

async function survivesKill(server: RealServer, ask: () => Promise<string>): Promise<void> {
  onTestFinished(() => server.stop());
  await ask();
  const before = server.pid();
  expect(before).toBeTypeOf("number");
  await server.kill("SIGKILL");
  expect(server.pid()).toBeUndefined();
  await expect(ask()).rejects.toThrow("ECONNREFUSED");
  await server.start();
  expect(server.pid()).not.toBe(before);
  await ask();
  await server.stop();
  expect(server.pid()).toBeUndefined();
  expect(existsSync(server.dir)).toBe(false);
  await expect(ask()).rejects.toThrow("ECONNREFUSED");
}

describeWithBinary("nats", "startNats", () => {
  test("serves JetStream, survives kill -9, leaves nothing", async () => {
    const server = await startNats();
    await survivesKill(server, () => talk(server.port, "CONNECT {}\r\nPING\r\n", "PONG"));
    expect(server.log()).toContain("Starting JetStream");
  });
});

describeWithBinary("redis", "startRedis", () => {
  test("keeps acknowledged writes over kill -9 with an append-only file", async () => {
    const server = await startRedis({ appendonly: true });
    await talk(server.port, "SET k kept\r\n", "+OK");
    await survivesKill(server, () => talk(server.port, "GET k\r\n", "kept"));
  });

  test("removes the directory that a killed run left behind, and no other", async () => {
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    const abandoned = join(tmpdir(), `signalpath-redis-${gone}-test`);
    const ours = join(tmpdir(), `signalpath-redis-${process.pid}-test`);
    for (const dir of [abandoned, ours]) mkdirSync(dir);
    onTestFinished(() => rmSync(ours, { recursive: true }));
    const server = await startRedis();
    await server.stop();
    expect(existsSync(abandoned)).toBe(false);
    expect(existsSync(ours)).toBe(true);
  });

  test("forgets them without", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    await talk(server.port, "SET k kept\r\n", "+OK");
    await server.kill();
    await server.start();
    expect(await talk(server.port, "GET k\r\n", "\r\n")).toBe("$-1\r\n");
  });
});

describeWithBinary("postgres", "startPostgres", () => {
  test("takes its superuser without a password, survives kill -9, leaves nothing", async () => {
    const server = await startPostgres();
    // Z = ready for query.
    await survivesKill(server, () => talk(server.port, startupPacket("postgres"), "Z\0\0\0\x05I"));
  });
});

test("a URL in the environment is used instead of starting a server", async () => {
  const env = {
    NATS_URL: "nats://there:1",
    REDIS_URL: "redis://there:2",
    DATABASE_URL: "postgres://there:3",
  };
  const { states, stop } = await startAll(env);
  await stop();
  expect(states).toEqual({
    nats: { url: "nats://there:1", from: "environment" },
    redis: { url: "redis://there:2", from: "environment" },
    postgres: { url: "postgres://there:3", from: "environment" },
  });
});

describeWithServers("redis", "the shared server", (url) => {
  test("is reachable under the URL that tests are given", async () => {
    const { port } = new URL(url);
    expect(await talk(Number(port), "PING\r\n", "PONG")).toBe("+PONG\r\n");
  });
});
