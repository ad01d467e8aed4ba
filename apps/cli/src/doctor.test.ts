import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";

import { migrateServers, openStores, openUserState, type Finding } from "@signalpath/backends";
import { whyMissing } from "@signalpath/real-servers/binaries.ts";
import { describeWithBinary, describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { startNats } from "@signalpath/real-servers/nats.ts";
import { startAll } from "@signalpath/real-servers/start-all.ts";
import { startRedis } from "@signalpath/real-servers/redis.ts";
import { ConfigError, sha256 } from "@signalpath/service-kit";
import { describe, expect, it, onTestFinished, test } from "vitest";

import { runCli } from "./app.ts";
import { createTestIo } from "./test-server.ts";

const OPENING = { service: "test", now: Date.now, sha256, warn: () => {}, onError: () => {} };
const SECRET_KEY = "a secret that is long enough for production";
// Port 9 (discard) of loopback: nothing listens there.
const NOWHERE = {
  NATS_URL: "nats://127.0.0.1:9",
  REDIS_URL: "redis://127.0.0.1:9",
  DATABASE_URL: "postgres://127.0.0.1:9/none",
};

async function doctor(env: Record<string, string>) {
  const io = createTestIo(env);
  const code = await runCli(["doctor", "--json"], io);
  const answer = JSON.parse(io.stdout()) as { ready: boolean; findings: Finding[] };
  const of = (about: Finding["about"], verdict?: Finding["verdict"]): string[] =>
    answer.findings
      .filter((one) => one.about === about && (verdict ?? one.verdict) === one.verdict)
      .map(({ what }) => what);
  return { code, ready: answer.ready, of };
}

describe("signalpath doctor", () => {
  it("names every setting that production refuses", async () => {
    const bare = await doctor({});
    expect(bare).toMatchObject({ code: 78, ready: false });
    expect(bare.of("configuration", "refused").map((line) => line.split(":", 1)[0])).toEqual([
      "NATS_URL",
      "REDIS_URL",
      "DATABASE_URL",
      "SECRET_KEY",
    ]);
  });

  it.each([
    ["VeryBadSecret@ChangeThis", "sample"],
    ["short", "32"],
  ])("refuses the secret %s", async (secret, why) => {
    const { of } = await doctor({ ...NOWHERE, SECRET_KEY: secret });
    expect(of("configuration", "refused")).toEqual([expect.stringContaining(why)]);
  });

  it("names servers that do not answer, and never prints a password or the secret", async () => {
    const io = createTestIo({
      ...NOWHERE,
      SECRET_KEY,
      DATABASE_URL: "postgres://me:hush-hush@127.0.0.1:9/none",
    });
    expect(await runCli(["doctor"], io)).toBe(78);
    expect(io.stdout()).toContain("production refuses: 3");
    for (const name of ["nats", "redis", "postgres"]) expect(io.stdout()).toContain(name);
    expect(io.stdout()).not.toMatch(/hush-hush|long enough/);
  });

  it("a URL that is none is refused without asking anybody", async () => {
    const { code, of } = await doctor({ ...NOWHERE, REDIS_URL: "http://x" });
    expect(code).toBe(78);
    expect(of("configuration")).toEqual([expect.stringMatching(/^REDIS_URL/)]);
  });
});

describeWithServers("postgres", "signalpath doctor", (url) => {
  it("wants tables, and names a missing admin key", async () => {
    const stores = await openStores({ NODE_ENV: "test", DATABASE_URL: url }, OPENING);
    onTestFinished(() => stores.close());
    await migrateServers({ databaseUrl: url });
    const { of } = await doctor({ DATABASE_URL: url });
    expect(of("postgres")).toContain("tables are up to date");
    const { id } = await stores.projects.create(`doctor ${randomUUID()}`);
    const key = { projectId: id, name: "k", kind: "api", scopes: ["admin"] } as const;
    const expired = { expiresAt: "2020-01-01T00:00:00.000Z" };
    await stores.keys.create({
      ...key,
      ...expired,
      scopes: ["admin"],
      prefix: "p",
      hash: randomUUID(),
    });
    const made = await stores.keys.create({
      ...key,
      scopes: ["admin"],
      prefix: "p",
      hash: randomUUID(),
    });
    expect((await doctor({ DATABASE_URL: url })).of("keys", "ok")).toHaveLength(1);
    await stores.keys.revoke(made.id, new Date().toISOString());
  });
});

describeWithBinary("redis", "signalpath doctor", () => {
  it("refuses a Redis that forgets, and is content with one that does not", async () => {
    for (const appendonly of [false, true]) {
      const server = await startRedis({ appendonly });
      onTestFinished(() => server.stop());
      const { of } = await doctor({ REDIS_URL: server.url });
      expect(of("redis", "refused")).toHaveLength(appendonly ? 0 : 1);
      expect(of("redis", "ok")).toHaveLength(appendonly ? 1 : 0);
      // A service refuses what the doctor does: the same check is asked.
      const production = { NODE_ENV: "production", REDIS_URL: server.url };
      const opening = openUserState(production, OPENING);
      if (appendonly) await (await opening).close();
      else await expect(opening).rejects.toThrow(ConfigError);
    }
  });

  it("an eviction policy and a refused CONFIG are warnings", async () => {
    const evicting = await startRedis({
      appendonly: true,
      args: ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"],
    });
    onTestFinished(() => evicting.stop());
    const first = await doctor({ REDIS_URL: evicting.url });
    expect(first.of("redis")).toEqual([expect.stringContaining("allkeys-lru")]);
    expect(first.of("redis", "refused")).toEqual([]);
    const managed = await startRedis({ args: ["--rename-command", "CONFIG", ""] });
    onTestFinished(() => managed.stop());
    const second = await doctor({ REDIS_URL: managed.url });
    expect(second.of("redis", "warning")).toEqual([expect.stringContaining("CONFIG is refused")]);
    expect(second.of("redis", "refused")).toEqual([]);
  });
});

describeWithBinary("nats", "signalpath doctor", () => {
  it("says what a newer server adds, and wants JetStream and its streams", async () => {
    const server = await startNats();
    onTestFinished(() => server.stop());
    const before = await doctor({ NATS_URL: server.url });
    expect(before.of("nats", "ok")).toEqual([expect.stringMatching(/^nats-server \d/)]);
    expect(before.of("nats", "refused")).toEqual([expect.stringContaining("SIGNALS")]);
    await migrateServers({ natsUrl: server.url });
    const after = await doctor({ NATS_URL: server.url });
    expect(after.of("nats", "refused")).toEqual([]);
    expect(after.of("nats", "ok")).toContain("streams are there");
  });
});

const kinds = ["nats", "redis", "postgres"] as const;
test.skipIf(kinds.some((kind) => whyMissing(kind) !== undefined))(
  "a service in production ends with 78 and the doctor's line for a Redis that forgets",
  async () => {
    const servers = await startAll({});
    onTestFinished(() => servers.stop());
    const forgetful = await startRedis({ appendonly: false });
    onTestFinished(() => forgetful.stop());
    const { nats, postgres } = servers.states;
    const [natsUrl, databaseUrl] = [nats.url ?? "", postgres.url ?? ""];
    await migrateServers({ natsUrl, databaseUrl });
    const urls = { NATS_URL: natsUrl, DATABASE_URL: databaseUrl, REDIS_URL: forgetful.url };
    const { of } = await doctor({ ...urls, SECRET_KEY });
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", "apps/recommender/src/main.ts"], {
      cwd: root,
      env: { ...urls, SECRET_KEY, NODE_ENV: "production", PORT: "0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code).toBe(78);
    expect(of("redis", "refused")).toHaveLength(1);
    expect(stderr).toContain(`recommender: redis: ${of("redis", "refused")[0]}`);
  },
  120_000,
);
