import { featuresResponse, type FeaturesResponse } from "@signalpath/contracts";
import { migrateServers } from "@signalpath/backends";
import { userKey, type UserKey } from "@signalpath/domain";
import { whyMissing } from "@signalpath/real-servers/binaries.ts";
import { startAll } from "@signalpath/real-servers/start-all.ts";
import { sha256 } from "@signalpath/service-kit";
import { expect, onTestFinished, test, vi } from "vitest";

import { openFlow, type Flow } from "./test-flow.ts";

const HOUR = 3_600_000;
const missing = (["nats", "redis", "postgres"] as const).flatMap((kind) => whyMissing(kind) ?? []);

const keyOf = (flow: Flow, user: string): UserKey => userKey(sha256, flow.projectId, "user", user);

async function featuresOf(flow: Flow, user: string): Promise<FeaturesResponse["features"]> {
  const answer = await flow.json("GET", `/api/features?user_id=${user}`);
  return featuresResponse.parse(answer).features;
}

const valuesOf = (features: FeaturesResponse["features"]) =>
  Object.fromEntries(Object.entries(features).map(([name, { value }]) => [name, value]));

/** What RudderStack sends: three tips of one list shown, two reacted to, everything twice. */
function aVisit(user: string, startMs: number): object[] {
  const act = (n: number, event: string, properties: object) => ({
    type: "track",
    event,
    messageId: `${user}-${n}`,
    userId: user,
    timestamp: new Date(startMs + n * 1_000).toISOString(),
    properties: { request_id: "list-1", ...properties },
  });
  const acts = [
    act(0, "Tip Served", { tip_id: "t1" }),
    act(1, "Tip Served", { tip_id: "t2" }),
    act(2, "Tip Served", { tip_id: "t3" }),
    act(3, "Tip Feedback", { tip_id: "t1", reaction: "done", dwell_ms: 5_000 }),
    act(8, "Tip Feedback", { tip_id: "t2", reaction: "dismiss" }),
  ];
  return [...acts, ...acts];
}

async function followOne(flow: Flow): Promise<void> {
  const start = Date.now() - 60_000;
  await flow.call("POST", "/api/ingest", aVisit("ann", start));
  const expected = {
    completion_rate_30d: 1 / 3,
    dismiss_rate_30d: 1 / 3,
    mean_dwell_ms_30d: 6_000,
    preferred_hour: new Date(start + 3_000).getUTCHours(),
    tip_volume_30d: 3,
  };
  await vi.waitFor(async () => expect(valuesOf(await featuresOf(flow, "ann"))).toEqual(expected), {
    timeout: 30_000,
  });
  const online = await featuresOf(flow, "ann");

  const rebuilt = await flow.json("POST", "/api/rebuild", { all: true, features: true });
  expect(rebuilt).toEqual({ rebuilt: 1, unknown: [] });
  const backfilled = await featuresOf(flow, "ann");
  expect(valuesOf(backfilled)).toEqual(expected);
  const times = (of: typeof online) =>
    Object.values(of).map(({ computed_at }) => Date.parse(computed_at ?? ""));
  expect(Math.min(...times(backfilled))).toBeGreaterThan(Math.max(...times(online)));
}

/** A view makes a buffer and no feature: the values put beside it are as old as one likes. */
async function letOneAge(flow: Flow): Promise<void> {
  const body = {
    type: "track",
    event: "CONTENT_VIEW_ENDED",
    messageId: "view",
    userId: "bob",
    properties: { item_id: "t1", dwell_ms: 900, end_reason: "next" },
  };
  await flow.call("POST", "/api/ingest", body);
  const key = keyOf(flow, "bob");
  const revision = await vi.waitFor(async () => {
    const held = await flow.backends.buffer.read(key);
    if (held.status !== "ok" || held.revision === 0) throw new Error("not yet");
    expect((await flow.backends.models.get(key)).status).toBe("ok");
    return held.revision;
  }, 10_000);
  const values = new Map(
    Object.entries({
      completion_rate_30d: 0.5,
      dismiss_rate_30d: 0.5,
      mean_dwell_ms_30d: 1,
      preferred_hour: 1,
      tip_volume_30d: 9,
    }),
  );
  const computedAtMs = Date.now() - 2 * HOUR;
  await flow.backends.features.save(key, { values, computedAtMs, revision });
  const stale = await featuresOf(flow, "bob");
  expect(stale["tip_volume_30d"]).toMatchObject({ value: 9, stale: true });
  expect(stale["completion_rate_30d"]).toMatchObject({ value: 0.5, stale: false });
  await vi.waitFor(
    async () => {
      const fresh = await featuresOf(flow, "bob");
      expect(fresh["tip_volume_30d"]).toMatchObject({ value: 0, stale: false });
      expect(fresh["completion_rate_30d"]).toEqual(stale["completion_rate_30d"]);
    },
    { timeout: 30_000, interval: 20 },
  );
}

test("from the webhook to the reader, stale to fresh, and the same from the archive", async () => {
  const flow = await openFlow();
  onTestFinished(() => flow.close());
  await followOne(flow);
  await letOneAge(flow);
}, 60_000);

test.skipIf(missing.length > 0)(
  "the same on NATS, Redis and Postgres",
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
    await followOne(flow);
    await letOneAge(flow);
  },
  120_000,
);
