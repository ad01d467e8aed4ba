import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { STREAMS } from "@signalpath/contracts";
import { BusFullError, UnavailableError, type Bus } from "@signalpath/ports";
import { busContract, ownSubjects } from "@signalpath/ports/contract-suites";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, onTestFinished, test, vi } from "vitest";

import { describeWithBinary, describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { startNats } from "@signalpath/real-servers/nats.ts";
import type { RealServer } from "@signalpath/real-servers/server.ts";
import { createNatsBus } from "./bus.ts";
import { openNats, type NatsConnection } from "./connection.ts";
import { describeServer, older } from "./describe-server.ts";
import { createGate } from "./gate.ts";
import { ensureStreams } from "./streams.ts";

const quiet = { onError: () => undefined };

describeWithServers("nats", "NATS bus", (url) => {
  busContract(async ({ retryPausesMs }) => {
    const connections = [
      await openNats(url, { name: "test-one" }),
      await openNats(url, { name: "test-two" }),
    ] as const;
    await ensureStreams(connections[0]);
    const [bus, replica] = connections.map((connection) =>
      createNatsBus(connection, { retryPausesMs, ...quiet }),
    ) as [Bus, Bus];
    return {
      bus,
      replica,
      close: async () => void (await Promise.all([bus.close(), replica.close()])),
    };
  });

  test("describes the server and what a newer one adds", async () => {
    const connection = await openNats(url, { name: "test" });
    onTestFinished(() => connection.close());
    const { version, jetStream, missing } = describeServer(connection);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(jetStream).toBe(true);
    expect(missing.some((line) => line.includes("sync_interval"))).toBe(older(version, "2.10.0"));
  });
});

test("versions compare by number", () => {
  expect(older("2.9.10", "2.10.0")).toBe(true);
  expect(older("2.10.0", "2.10.0")).toBe(false);
  expect(older("2.10.1-beta.2", "2.10.0")).toBe(false);
  expect(older("3.0.0", "2.11.16")).toBe(false);
});

test("a gate lets a bounded number in and refuses what a bounded queue cannot hold", async () => {
  const gate = createGate(2, 3);
  const leaves = [await gate.enter(), await gate.enter()];
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (n) => {
    const leave = await gate.enter();
    order.push(n);
    leave();
  });
  await expect(gate.enter()).rejects.toThrow(UnavailableError);
  expect(order).toEqual([]);
  for (const leave of leaves) leave();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2, 3]);
  expect(await gate.enter()).toBeTypeOf("function");
});

async function ownServer(args: readonly string[] = []): Promise<RealServer> {
  const server = await startNats({ args });
  onTestFinished(() => server.stop());
  return server;
}

async function ownBus(
  server: RealServer,
  options: Parameters<typeof createNatsBus>[1] = {},
): Promise<{ bus: Bus; connection: NatsConnection }> {
  const connection = await openNats(server.url, { name: "test", reconnectWaitMs: 20 });
  onTestFinished(() => connection.close());
  await ensureStreams(connection);
  return { connection, bus: createNatsBus(connection, { ...quiet, ...options }) };
}

describeWithBinary("nats", "nats-server that is killed", () => {
  test("nothing acknowledged is lost, publishing and consuming go on by themselves", async () => {
    const server = await ownServer();
    const { bus } = await ownBus(server, { publishTimeoutMs: 300 });
    const { of, all, durable } = ownSubjects();
    const seen = new Set<string>();
    const heard = new Set<string>();
    let reconnects = 0;
    bus.onReconnect(() => reconnects++);
    await bus.consume({ filter: all, durable, ackWaitMs: 2_000 }, async (batch) => {
      for (const { body } of batch) seen.add(body);
    });
    await bus.hear(all, ({ body }) => void heard.add(body));
    const acknowledged = new Set<string>();
    let sending = true;
    const sender = (async () => {
      for (let n = 0; ; n++) {
        if (!sending) return;
        // The same id until it is acknowledged.
        await vi.waitFor(() => bus.publish(of("a"), n, { id: `${durable}-${n}` }), {
          timeout: 30_000,
          interval: 20,
        });
        acknowledged.add(String(n));
      }
    })();
    for (let round = 1; round <= 3; round++) {
      const before = acknowledged.size;
      await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(before + 50), {
        timeout: 30_000,
      });
      await server.kill("SIGKILL");
      await expect(bus.publish(of("a"), "down")).rejects.toThrow(UnavailableError);
      await expect(bus.check()).rejects.toThrow(UnavailableError);
      await server.start();
      await vi.waitFor(() => expect(reconnects).toBe(round), { timeout: 30_000 });
    }
    await vi.waitFor(() => bus.check(), { timeout: 30_000 });
    sending = false;
    await sender;
    await bus.publish(of("a"), "end");
    await vi.waitFor(() => expect(seen).toContain('"end"'), { timeout: 30_000 });
    await vi.waitFor(() => expect(heard).toContain('"end"'), { timeout: 30_000 });
    await vi.waitFor(
      async () => expect(await bus.lag(durable, all)).toEqual({ pending: 0, ackPending: 0 }),
      { timeout: 30_000 },
    );
    expect([...acknowledged].filter((body) => !seen.has(body))).toEqual([]);
    await bus.close();
  });

  test("a server that hangs fails the publish, and the retry by id is a duplicate", async () => {
    const server = await ownServer();
    const { bus } = await ownBus(server, { publishTimeoutMs: 300 });
    const subject = ownSubjects().of("a");
    await server.kill("SIGSTOP");
    await expect(bus.publish(subject, 1, { id: "x" })).rejects.toThrow(UnavailableError);
    await expect(bus.check()).rejects.toThrow(UnavailableError);
    await server.kill("SIGCONT");
    await vi.waitFor(() => bus.check(), { timeout: 20_000 });
    expect(await bus.publish(subject, 1, { id: "x" })).toEqual({ duplicate: true });
  });

  test("a user who may not publish, or not hear the answer, is told so and not left waiting", async () => {
    const dir = await mkdtemp(join(tmpdir(), "signalpath-nats-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const config = join(dir, "users.conf");
    const user = (name: string, permissions: string) =>
      `{ user: ${name}, password: p, permissions: { ${permissions} } }`;
    const users = [
      user("all", 'publish: ">", subscribe: ">"'),
      user("mute", 'publish: { deny: "signals.>" }, subscribe: ">"'),
      user("deaf", 'publish: ">", subscribe: { deny: "_INBOX_test.>" }'),
    ];
    await writeFile(config, `authorization { users: [${users.join(", ")}] }`);
    const { port } = await ownServer(["-c", config]);
    const as = (name: string) => openNats(`nats://${name}:p@127.0.0.1:${port}`, { name: "test" });
    const all = await as("all");
    onTestFinished(() => all.close());
    await ensureStreams(all);
    const subject = ownSubjects().of("a");
    for (const name of ["mute", "deaf"]) {
      const bus = createNatsBus(await as(name), { ...quiet, publishTimeoutMs: 60_000 });
      await expect(bus.publish(subject, 1)).rejects.toThrow(/permission/i);
      await expect(bus.publish(subject, 1)).rejects.toThrow(UnavailableError);
      await bus.close();
    }
  });

  test("credentials of the URL are used", async () => {
    const { port } = await ownServer(["--user", "u", "--pass", "p@ss"]);
    const connection = await openNats(`nats://u:p%40ss@127.0.0.1:${port}`, { name: "test" });
    onTestFinished(() => connection.close());
    await connection.rtt();
    const wrong = openNats(`nats://u:wrong@127.0.0.1:${port}`, { name: "test" });
    await expect(wrong).rejects.toThrow(UnavailableError);
    const guarded = await ownServer(["--auth", "secret"]);
    const byToken = await openNats(`nats://secret@127.0.0.1:${guarded.port}`, { name: "test" });
    onTestFinished(() => byToken.close());
    await byToken.rtt();
  });

  test("a durable that was deleted is created again", async () => {
    const server = await ownServer();
    const { bus, connection } = await ownBus(server);
    const { of, all, durable } = ownSubjects();
    const got: string[] = [];
    await bus.consume({ filter: all, durable }, async (batch) => {
      got.push(...batch.map(({ body }) => body));
    });
    await bus.publish(of("a"), 1);
    await vi.waitFor(() => expect(got).toEqual(["1"]), { timeout: 20_000 });
    const manager = await jetstreamManager(connection);
    await manager.consumers.delete("SIGNALS", durable);
    await bus.publish(of("a"), 2);
    // From the oldest again: at least once.
    await vi.waitFor(() => expect(got).toContain("2"), { timeout: 30_000 });
    await bus.close();
  });

  test("the bus closes while the server is away", async () => {
    const server = await ownServer();
    const { bus, connection } = await ownBus(server);
    const { all, durable } = ownSubjects();
    await bus.consume({ filter: all, durable }, async () => undefined);
    await server.kill("SIGKILL");
    await bus.close();
    expect(connection.isClosed()).toBe(true);
  });

  test("no server at start is said", async () => {
    const server = await startNats();
    await server.stop();
    await expect(openNats(server.url, { name: "test" })).rejects.toThrow(UnavailableError);
  });
});

describeWithBinary("nats", "streams", () => {
  test("are what the contract says, and a second call changes nothing", async () => {
    const server = await ownServer();
    const { connection } = await ownBus(server);
    const manager = await jetstreamManager(connection);
    const before = await manager.streams.list().next();
    await ensureStreams(connection);
    const after = await manager.streams.list().next();
    expect(after.map(({ config }) => config)).toEqual(before.map(({ config }) => config));
    expect(new Set(after.map(({ config }) => config.name))).toEqual(new Set(Object.keys(STREAMS)));
    for (const { config } of after) {
      const wanted = STREAMS[config.name as keyof typeof STREAMS];
      expect(config.subjects).toEqual(wanted.subjects);
      expect(config.discard).toBe(wanted.discard);
      expect(config.max_age).toBe(wanted.maxAgeDays * 24 * 3_600 * 1e9);
      expect(config.duplicate_window).toBe(wanted.duplicateWindowMinutes * 60 * 1e9);
      expect(config.storage).toBe("file");
      expect(config.max_bytes).toBeGreaterThan(0);
    }
  });

  test("a full SIGNALS refuses with BusFullError and keeps what it has", async () => {
    const server = await ownServer();
    const { bus, connection } = await ownBus(server);
    await ensureStreams(connection, { maxBytes: { SIGNALS: 64 * 1024 } });
    const { of, all, durable } = ownSubjects();
    let stored = 0;
    const fill = async () => {
      for (;;) {
        await bus.publish(of("a"), "x".repeat(4_000));
        stored++;
      }
    };
    await expect(fill()).rejects.toThrow(BusFullError);
    expect(stored).toBeGreaterThan(5);
    let got = 0;
    await bus.consume({ filter: all, durable }, async (batch) => void (got += batch.length));
    await vi.waitFor(() => expect(got).toBe(stored), { timeout: 20_000 });
    await bus.close();
  });

  test("a message over the server's own limit is refused, not retried", async () => {
    const server = await ownServer();
    const { bus, connection } = await ownBus(server);
    const limit = connection.info?.max_payload ?? 0;
    expect(limit).toBeGreaterThan(0);
    const name = "RefusedError";
    await expect(bus.publish(ownSubjects().of("a"), "x".repeat(limit))).rejects.toMatchObject({
      name,
    });
  });
});
