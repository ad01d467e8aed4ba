import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { migrateServers } from "@signalpath/backends";
import { userKey } from "@signalpath/domain";
import { whyMissing } from "@signalpath/real-servers/binaries.ts";
import { startAll } from "@signalpath/real-servers/start-all.ts";
import { sha256 } from "@signalpath/service-kit";
import { expect, it, onTestFinished, test, vi } from "vitest";

import { like, openFlow, type Flow } from "./test-flow.ts";

async function open(kind: "memory" | "pglite"): Promise<Flow> {
  if (kind === "memory") {
    const flow = await openFlow();
    onTestFinished(() => flow.close());
    return flow;
  }
  const dir = await mkdtemp(join(tmpdir(), "signalpath-erase-"));
  const flow = await openFlow({ settings: { SIGNALPATH_DATA_DIR: dir } });
  onTestFinished(async () => {
    await flow.close();
    await rm(dir, { recursive: true });
  });
  return flow;
}

const modelOf = async (flow: Flow, user: string) => {
  const { status, text } = await flow.call("GET", `/api/usermodel?user_id=${user}`);
  return status === 200 ? (JSON.parse(text) as { positives: unknown[] }) : undefined;
};

/** Where a person's preferred hour and rates come from. */
async function featureSources(flow: Flow, user: string): Promise<Set<string>> {
  const { features } = (await flow.json("GET", `/api/features?user_id=${user}`)) as {
    features: Record<string, { source: string }>;
  };
  const { tip_volume_30d: _, ...ofFeedback } = features;
  return new Set(Object.values(ofFeedback).map(({ source }) => source));
}

it.each(["memory", "pglite"] as const)(
  "a person erased through the API is gone everywhere, and begins anew [%s]",
  async (kind) => {
    const flow = await open(kind);
    const start = Date.now() - 60_000;
    const before = [1, 2, 3].map((n) => like(`m${n}`, "ann", `t${n}`, start + n));
    await flow.call("POST", "/api/ingest", before);
    await flow.call("POST", "/api/ingest", [like("other", "bob", "t1", start)]);
    await vi.waitFor(async () => expect(await modelOf(flow, "ann")).toBeDefined(), 10_000);
    await vi.waitFor(async () => expect(await modelOf(flow, "bob")).toBeDefined(), 10_000);
    expect(await featureSources(flow, "ann")).toEqual(new Set(["profile_store"]));

    const receipt = await flow.json("DELETE", "/api/users/ann");
    expect(receipt["removed"]).toEqual({
      archive: 3,
      dead_letters: 0,
      experiments: 0,
      buffers: 1,
      models: 1,
      features: 1,
    });
    expect(await flow.json("DELETE", "/api/users/ann")).toEqual(receipt);
    expect(await modelOf(flow, "ann")).toBeUndefined();
    expect(await featureSources(flow, "ann")).toEqual(new Set(["fallback"]));
    expect(await modelOf(flow, "bob")).toBeDefined();

    // Late, and the same ids again: ignored, and said so.
    const late = [...before, like("late", "ann", "t4", start + 30_000)];
    const answer = await flow.json("POST", "/api/ingest", late);
    expect(answer).toMatchObject({ received: 4, ignored: 4, accepted: 0 });
    for (const one of answer["results"] as object[]) {
      expect(one).toMatchObject({ verdict: "ignored", code: "USER_ERASED" });
    }

    const fresh = like("fresh", "ann", "t9", Date.now() + 1);
    expect(await flow.json("POST", "/api/ingest", [fresh])).toMatchObject({ accepted: 1 });
    await vi.waitFor(async () => {
      const model = await modelOf(flow, "ann");
      expect(model).toBeDefined();
      expect(JSON.stringify(model)).toContain("t9");
      expect(JSON.stringify(model)).not.toMatch(/"t[1-4]"/);
    }, 10_000);

    const again = await flow.json("DELETE", "/api/users/ann");
    expect(again["removed"]).toEqual({
      archive: 4,
      dead_letters: 0,
      experiments: 0,
      buffers: 1,
      models: 1,
      features: 1,
    });
    expect(await modelOf(flow, "ann")).toBeUndefined();
  },
  60_000,
);

const missing = (["nats", "redis", "postgres"] as const).flatMap((kind) => whyMissing(kind) ?? []);

test("events that race an erasure leave nothing behind in memory", async () => {
  await raceAnErasure(await open("memory"));
}, 60_000);

test.skipIf(missing.length > 0)(
  "events that race an erasure leave nothing behind on NATS, Redis and Postgres",
  async () => {
    const servers = await startAll({});
    onTestFinished(() => servers.stop());
    const { nats, redis, postgres } = servers.states;
    const [natsUrl, redisUrl, databaseUrl] = [nats.url, redis.url, postgres.url];
    if (natsUrl === undefined || redisUrl === undefined || databaseUrl === undefined) {
      throw new Error(`not started: ${JSON.stringify(servers.states)}`);
    }
    await migrateServers({ natsUrl, databaseUrl });
    const settings = { NATS_URL: natsUrl, REDIS_URL: redisUrl, DATABASE_URL: databaseUrl };
    const flow = await openFlow({ settings });
    onTestFinished(() => flow.close());
    await raceAnErasure(flow);
  },
  120_000,
);

async function raceAnErasure(flow: Flow): Promise<void> {
  const start = Date.now() - 60_000;
  const sends = Array.from(
    { length: 30 },
    (_, n) => () =>
      flow.call("POST", "/api/ingest", [like(`m${n}`, "ann", `t${n % 5}`, start + n)]),
  );
  const erase = () => flow.call("DELETE", "/api/users/ann");
  const work = [...sends.slice(0, 15), erase, ...sends.slice(15, 25), erase, ...sends.slice(25)];
  const statuses = await Promise.all(work.map(async (run) => (await run()).status));
  expect(new Set(statuses)).toEqual(new Set([200]));
  // A later event shows that everything before it has gone through the consumer.
  await flow.call("POST", "/api/ingest", [like("last", "bob", "t1", Date.now())]);
  await vi.waitFor(async () => expect(await modelOf(flow, "bob")).toBeDefined(), 20_000);
  // All occurred before either call: nothing of them may be left once everything has settled.
  const key = userKey(sha256, flow.projectId, "user", "ann");
  await vi.waitFor(async () => {
    expect(await modelOf(flow, "ann")).toBeUndefined();
    expect(await flow.backends.archive.eventsOf(flow.projectId, key, { limit: 100 })).toEqual([]);
    expect(await flow.backends.buffer.read(key)).toMatchObject({ events: [] });
    const none = { status: "ok", features: new Map() };
    expect(await flow.backends.features.get(key)).toEqual(none);
  }, 20_000);
}
