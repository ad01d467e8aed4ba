import { LIVE_EVENTS, systemAnswer, topics, type LiveEventName } from "@signalpath/contracts";
import { afterEach, describe, expect, it, vi } from "vitest";

import { openWorld, type World } from "../test-world.ts";
import { LIVE_LIMITS } from "./clients.ts";

const opened: World[] = [];
const readers: { stop(): void }[] = [];
afterEach(async () => {
  for (const one of readers.splice(0)) one.stop();
  for (const one of opened.splice(0)) await one.close();
});

async function open(limits: Partial<typeof LIVE_LIMITS> = {}): Promise<World> {
  const world = await openWorld(() => ({ live: limits }));
  opened.push(world);
  return world;
}

interface Read {
  name: LiveEventName;
  id: string | undefined;
  data: Record<string, unknown>;
}

/** Reads a stream to its end in the background; every event must fit its schema. */
async function watch(world: World, headers: Record<string, string> = {}, key = world.readKey) {
  const answer = await world.request("GET", "/api/live", { key, headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  readers.push({ stop: () => void reader.cancel().catch(() => undefined) });
  const events: Read[] = [];
  const done = follow(reader, events);
  const of = (name: LiveEventName) => events.filter((one) => one.name === name);
  return { events, of, done, reader };
}

async function follow(reader: ReadableStreamDefaultReader<Uint8Array>, events: Read[]) {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) events.push(readBlock(block));
  }
}

function readBlock(block: string): Read {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
  const name = field("event") as LiveEventName;
  const data: unknown = JSON.parse(field("data") ?? "");
  return { name, id: field("id"), data: LIVE_EVENTS[name].parse(data) };
}

const AT = "2026-06-12T12:00:00.000Z";
const NONE = { accepted: 0, duplicate: 0, ignored: 0, expired: 0, dead_lettered: 0 };
let sequence = 0;

/** What ingest would tell: `count` accepted items, of which the items named are shown. */
function tell(world: World, items: readonly string[], count = items.length, project = 1): void {
  const verdicts = items.map((item_id) => {
    return { verdict: "accepted" as const, item_id, received_at: AT, age_ms: 5 };
  });
  const totals = { ...NONE, accepted: count };
  const projects = [{ project_id: project, totals, verdicts }];
  expect(world.bus.tell(topics.verdicts, { instance: "i", sequence: ++sequence, projects })).toBe(
    true,
  );
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 5 });
const itemsOf = (read: readonly Read[]) => read.map(({ data }) => data["item_id"]);

describe("GET /api/live", () => {
  it("tells verdicts as they arrive and exact sums each second", async () => {
    const world = await open();
    const live = await watch(world);
    tell(world, ["a", "b"], 10);
    await until(() => expect(itemsOf(live.of("verdict"))).toEqual(["a", "b"]));
    const accepted = () =>
      live.of("second").map(({ data }) => (data["totals"] as typeof NONE).accepted);
    await until(() => expect(accepted().reduce((a, b) => a + b, 0)).toBe(10));
    expect(live.events[0]).toMatchObject({
      name: "hello",
      data: { project_id: 1, resumed: false },
    });
  });

  it("adds up freshness and names who is down or was not heard again", async () => {
    const world = await open();
    const live = await watch(world);
    const counts = [3, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const lag = [{ consumer: "c", pending: 7, ack_pending: 1, oldest_age_seconds: 2 }];
    const freshness = [{ project_id: 1, counts }];
    world.bus.tell(topics.updates, { instance: "u", sequence: 1, freshness, lag });
    const dependencies = { bus: "up", archive: "down: gone" };
    const about = { instance: "u", service: "user-model-updater", version: "1", started_at: AT };
    world.bus.tell(topics.services, { ...about, state: "running", dependencies });
    await until(() =>
      expect(live.of("second").map(({ data }) => data)).toContainEqual(
        expect.objectContaining({
          freshness: expect.objectContaining({ counts }),
          lag,
          degraded: ["user-model-updater: archive"],
        }),
      ),
    );
    world.advance(20_000);
    await until(() =>
      expect(live.of("second").at(-1)?.data["degraded"]).toContain("user-model-updater: silent"),
    );
  });

  it("goes on behind the last event a client saw", async () => {
    const world = await open();
    const first = await watch(world);
    tell(world, ["a", "b", "c"]);
    await until(() => expect(first.of("verdict")).toHaveLength(3));
    const id = first.of("verdict")[0]?.id ?? "";
    await first.reader.cancel();
    tell(world, ["d"]);
    const again = await watch(world, { "last-event-id": id });
    await until(() => expect(itemsOf(again.of("verdict"))).toEqual(["b", "c", "d"]));
    expect(again.events[0]?.data["resumed"]).toBe(true);
    expect(again.of("gap")).toEqual([]);
  });

  it.each(["other.4", "hostile\u00e9", "1.2.3"])(
    "says that %s is an id it does not know",
    async (id) => {
      const world = await open();
      const live = await watch(world, { "last-event-id": id });
      await until(() => expect(live.of("gap")).toHaveLength(1));
      expect(live.of("gap")[0]?.data).toEqual({ reason: "unknown_id", missed: null });
    },
  );

  it("keeps sums exact and memory bounded at 10,000 events a second, and says what is left out", async () => {
    const world = await open({ behind: 100 });
    const answer = await world.request("GET", "/api/live", { key: world.readKey });
    const slow = (answer.body as ReadableStream<Uint8Array>).getReader();
    readers.push({ stop: () => void slow.cancel() });
    // Ten messages of a second at full rate, each with its sample, while the client takes nothing.
    for (let n = 0; n < 60; n++) {
      const items = Array.from({ length: 50 }, (_, at) => `${n}-${at}`);
      tell(world, items, 1_000);
    }
    const other = await watch(world);
    await until(() => expect(other.of("second").length).toBeGreaterThan(0));
    const events: Read[] = [];
    void follow(slow, events).catch(() => undefined);
    const sum = () =>
      events
        .filter(({ name }) => name === "second")
        .reduce((all, { data }) => all + (data["totals"] as typeof NONE).accepted, 0);
    await until(() => expect(sum()).toBe(60_000));
    const gap = events.find(({ name }) => name === "gap");
    expect(gap?.data["reason"]).toBe("slow");
    const shown = events.filter(({ name }) => name === "verdict").length;
    expect(shown).toBeLessThanOrEqual(100);
    expect(Number(gap?.data["missed"]) + shown).toBeGreaterThanOrEqual(3_000 - 5);
  });

  it("says when a message of a service was lost", async () => {
    const world = await open();
    const live = await watch(world);
    tell(world, ["a"]);
    sequence += 3;
    tell(world, ["b"]);
    await until(() => expect(live.of("gap")[0]?.data).toEqual({ reason: "bus", missed: null }));
  });

  it("shows two clients the same, and each project only its own", async () => {
    const world = await open();
    const other = await world.projects.create("other");
    const [one, two] = [await watch(world), await watch(world)];
    const theirs = await watch(world, {}, await world.issue(other.id, ["read"]));
    tell(world, ["mine"]);
    tell(world, ["theirs"], 1, other.id);
    await until(() => expect(itemsOf(theirs.of("verdict"))).toEqual(["theirs"]));
    await until(() => expect(itemsOf(one.of("verdict"))).toEqual(["mine"]));
    await until(() => expect(itemsOf(two.of("verdict"))).toEqual(["mine"]));
    expect(one.of("verdict")[0]?.id).toBe(two.of("verdict")[0]?.id);
    const refused = await world.request("GET", `/api/live?project=${other.id}`, {
      key: world.readKey,
    });
    expect(refused.status).toBe(403);
  });

  it("asks for a key with scope read", async () => {
    const world = await open();
    const status = async (key: string | null) =>
      (await world.request("GET", "/api/live", { key })).status;
    expect(await status(null)).toBe(401);
    expect(await status("rctm_wrong")).toBe(401);
    expect(await status(world.writeKey)).toBe(403);
  });

  it("ends the stream of a key that was revoked", async () => {
    const world = await open({ keyCheckMs: 0 });
    const live = await watch(world);
    const [row] = (await world.keys.list({ offset: 0, limit: 10 })).keys.filter(
      ({ scopes }) => scopes.join() === "read",
    );
    await world.request("POST", `/api/v1/api_keys/${row?.id ?? 0}/revoke/`);
    await live.done;
    expect(live.events.at(-1)).toMatchObject({
      name: "end",
      data: { reason: "key", code: "KEY_INVALID" },
    });
  });

  it("refuses one client too many with 503 and takes the next when one left", async () => {
    const world = await open({ maxClients: 1 });
    const live = await watch(world);
    const answer = await world.request("GET", "/api/live", { key: world.readKey });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await answer.json()).toMatchObject({ code: "OVERLOADED" });
    await live.reader.cancel();
    await watch(world);
  });

  it("leaves room for other keys beside one that opens all it may", async () => {
    const world = await open({ maxClients: 3, maxClientsPerKey: 2 });
    const live = await watch(world);
    await watch(world);
    const answer = await world.request("GET", "/api/live", { key: world.readKey });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: "OVERLOADED" });
    const other = await world.issue(1, ["read"]);
    await watch(world, {}, other);
    await live.reader.cancel();
    await watch(world);
    expect((await world.request("GET", "/api/live", { key: other })).status).toBe(503);
  });

  it("answers HEAD with the headers and opens no stream for it", async () => {
    const world = await open();
    for (let n = 0; n < LIVE_LIMITS.maxClients; n++) {
      const { status, headers, body } = await world.request("HEAD", "/api/live", {
        key: world.readKey,
      });
      expect(status).toBe(200);
      expect(headers.get("content-type")).toContain("text/event-stream");
      expect(body).toBeNull();
    }
    expect((await world.request("HEAD", "/api/live", { key: null })).status).toBe(401);
    await watch(world);
  });

  it("says goodbye at a drain and takes nobody more", async () => {
    const world = await open();
    const live = await watch(world);
    await until(() => expect(live.events.length).toBeGreaterThan(0));
    await world.app.quiesce?.();
    await live.done;
    expect(live.events.at(-1)).toMatchObject({ name: "end", data: { reason: "draining" } });
    const late = await world.request("GET", "/api/live", { key: world.readKey });
    expect(await late.json()).toMatchObject({ code: "DRAINING" });
  });
});

describe("GET /api/v1/system/", () => {
  it("names services, their versions and what they stand on", async () => {
    const world = await open();
    const read = async () =>
      systemAnswer.parse(
        await (await world.request("GET", "/api/v1/system", { key: world.readKey })).json(),
      );
    await vi.waitFor(async () => expect((await read()).services).toHaveLength(1), 30_000);
    const { services, live } = await read();
    expect(services[0]).toMatchObject({
      service: "management-api",
      status: "up",
      dependencies: { bus: "up" },
      instances: [{ version: "test", state: "running" }],
    });
    expect(live).toEqual({ clients: 0, limit: LIVE_LIMITS.maxClients });
    expect((await world.request("GET", "/api/v1/system/", { key: null })).status).toBe(401);
  });
});
