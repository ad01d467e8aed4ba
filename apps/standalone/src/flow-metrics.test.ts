import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { like, openFlow, type Flow } from "./test-flow.ts";

/** `name{a="b"}` -> value. */
type Scrape = ReadonlyMap<string, number>;

let flow: Flow;
beforeAll(async () => {
  flow = await openFlow();
  const items = ["t1", "t2", "t3"].map((item_id) => ({ item_id, title: item_id, tags: [] }));
  await flow.call("PUT", "/api/content", { items });
  const now = Date.now();
  await flow.call("POST", "/api/ingest", [
    like("m1", "zoe-17", "t1", now - 2_000),
    like("m2", "zoe-17", "t2", now - 1_000),
    { type: "track", event: "Tip Liked", messageId: "m3", properties: { item_id: "t1" } },
  ]);
  await flow.call("POST", "/api/ingest", [like("m1", "zoe-17", "t1", now - 2_000)]);
  const wrong = { "x-api-key": "rctm_wrong" };
  await flow.call("GET", "/api/recommend?user_id=zoe-17", undefined, wrong, "203.0.113.9");
  await vi.waitFor(async () => {
    const { status } = await flow.call("GET", "/api/usermodel?user_id=zoe-17");
    expect(status).toBe(200);
  });
  await flow.call("GET", "/api/recommend?user_id=zoe-17");
  await flow.call("GET", "/api/recommend?user_id=stranger");
});
afterAll(() => flow.close());

async function scrape(): Promise<Scrape> {
  const { text } = await flow.call("GET", "/metrics");
  const rows = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    rows.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

/** Sum over every row of this name whose labels contain all of `labels`. */
function sum(metrics: Scrape, name: string, ...labels: string[]): number {
  const rows = [...metrics].filter(
    ([row]) =>
      (row === name || row.startsWith(`${name}{`)) && labels.every((label) => row.includes(label)),
  );
  expect(rows, `${name} ${labels.join()}`).not.toEqual([]);
  return rows.reduce((total, [, value]) => total + value, 0);
}

describe("metrics of one flow from webhook to list", () => {
  it("count what was sent", async () => {
    const metrics = await scrape();
    const events = (result: string) =>
      sum(metrics, "ingest_events_total", 'source="api"', `result="${result}"`);
    expect(events("accepted")).toBe(2);
    expect(events("duplicate")).toBe(1);
    expect(events("dead_lettered")).toBe(1);
    expect(sum(metrics, "dlq_added_total", 'reason="NO_IDENTITY"')).toBe(1);
    expect(sum(metrics, "updater_events_total")).toBe(2);
    const published = (result: string) =>
      sum(metrics, "bus_publish_duration_seconds_count", `result="${result}"`);
    expect(published("stored")).toBe(2);
    expect(published("duplicate")).toBe(1);
    expect(sum(metrics, "bus_publish_inflight")).toBe(0);
    expect(sum(metrics, "auth_failures_total", 'reason="KEY_INVALID"')).toBe(1);
    const decided = ['limit="auth_failures"', 'decision="allowed"'];
    expect(sum(metrics, "ratelimit_decisions_total", ...decided)).toBe(1);
    expect(sum(metrics, "users_model_updated_total", 'result="sent"')).toBeGreaterThanOrEqual(1);
  });

  it("say how fresh models are: each stage later than the one before", async () => {
    const metrics = await scrape();
    const stages = ["ingest", "buffer", "model"].map((stage) => {
      const label = `stage="${stage}"`;
      expect(sum(metrics, "model_freshness_seconds_count", label)).toBe(2);
      return sum(metrics, "model_freshness_seconds_sum", label);
    });
    // Two events that were 1 and 2 s old when they were sent.
    expect(stages[0]).toBeGreaterThanOrEqual(3);
    expect(stages[0]).toBeLessThan(60);
    expect(stages).toEqual(stages.toSorted((a, b) => a - b));
    expect(sum(metrics, "model_update_delay_seconds_count")).toBe(2);
    expect(sum(metrics, "model_refresh_total", 'result="saved"')).toBeGreaterThanOrEqual(1);
    expect(sum(metrics, "messaging_process_duration_seconds_count", 'result="ok"')).toBeGreaterThan(
      0,
    );
  });

  it("say how far each consumer is behind", async () => {
    // Read every few seconds, the first time at the start.
    const metrics = await scrape();
    const consumers = [...metrics.keys()].filter((row) => row.startsWith("bus_consumer_pending{"));
    expect(consumers).toContain('bus_consumer_pending{consumer="user-model-updater"}');
    for (const row of consumers) {
      const [, label = ""] = /\{(.*)\}/.exec(row) ?? [];
      expect(sum(metrics, "bus_consumer_pending", label)).toBe(0);
      expect(sum(metrics, "bus_consumer_ack_pending", label)).toBe(0);
      expect(sum(metrics, "bus_consumer_oldest_age_seconds", label)).toBe(0);
    }
    expect(sum(metrics, "bus_consumer_redelivered_total")).toBe(0);
    const name = "messaging_process_duration_seconds_count";
    await vi.waitFor(
      async () =>
        expect(sum(await scrape(), name, 'consumer="user-model-updater-content"')).toBeGreaterThan(
          0,
        ),
      { timeout: 20_000 },
    );
  });

  it("say how many dead letters wait, by app", { timeout: 70_000 }, async () => {
    // Counted every few seconds.
    await vi.waitFor(
      async () => {
        const metrics = await scrape();
        expect(sum(metrics, "dlq_messages", 'svc="ingest-webhook"')).toBe(1);
        expect(sum(metrics, "dlq_messages", 'svc="user-model-updater"')).toBe(0);
      },
      { timeout: 60_000, interval: 200 },
    );
  });

  it("say where lists came from", async () => {
    const metrics = await scrape();
    expect(sum(metrics, "recommend_source_total")).toBe(2);
    expect(sum(metrics, "recommend_source_total", 'source="model"')).toBe(1);
  });

  it("name every dependency as up", async () => {
    const up = [...(await scrape())].filter(([row]) => row.startsWith("dependency_up{"));
    const names = up.map(([row]) => /name="(\w+)"/.exec(row)?.[1]);
    expect(names).toEqual(
      expect.arrayContaining(["archive", "bus", "event_buffer", "user_models"]),
    );
    expect(up.every(([, value]) => value === 1)).toBe(true);
  });

  it("time requests by route and never by id, and know their build and process", async () => {
    const metrics = await scrape();
    const name = "http_server_request_duration_seconds_count";
    expect(sum(metrics, name, 'route="/api/ingest', 'status_class="2xx"')).toBe(2);
    expect(sum(metrics, name, 'route="/api/recommend"', 'status_class="2xx"')).toBe(2);
    expect(sum(metrics, name, 'route="/api/recommend"', 'status_class="4xx"')).toBe(1);
    expect([...metrics.keys()].filter((row) => row.includes("zoe-17"))).toEqual([]);
    expect(sum(metrics, "build_info", 'version="test"', 'sha="0123abc"')).toBe(1);
    expect(sum(metrics, "process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(metrics.has("nodejs_eventloop_lag_p99_seconds")).toBe(true);
  });
});
