import { subjects } from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";
import { describe, expect, it, vi } from "vitest";

import { event, openIngest } from "./fixtures/open-ingest.ts";
import type { Fate } from "./fixtures/scripted-bus.ts";

const RUDDER = { "user-agent": "RudderLabs" };
const basic = (user: string, password = ""): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

describe("authentication", () => {
  it("takes a write key in any of its places and an API key with scope write", async () => {
    const { send, writeKey, apiKey } = await openIngest();
    const ways: Record<string, string>[] = [
      { "x-write-key": writeKey },
      { "X-API-Key": writeKey },
      { authorization: `Bearer ${writeKey}` },
      { authorization: `bearer  ${writeKey}` },
      { authorization: basic(writeKey) },
      { authorization: basic(writeKey, "ignored") },
      { "x-api-key": apiKey },
    ];
    for (const [index, headers] of ways.entries()) {
      const answer = await send(event({ messageId: index }), { headers });
      expect([answer.status, answer.body.accepted]).toEqual([200, 1]);
    }
  });

  it.each<[Record<string, string>, string]>([
    [{ "x-write-key": "" }, "KEY_REQUIRED"],
    [{ authorization: "" }, "KEY_REQUIRED"],
    [{ authorization: "Digest x" }, "KEY_REQUIRED"],
    [{ authorization: basic("") }, "KEY_REQUIRED"],
    [{ authorization: "Basic !!!" }, "KEY_REQUIRED"],
    [{ "x-write-key": "rctm_wrong" }, "KEY_INVALID"],
    [{ "x-write-key": "x".repeat(5_000) }, "KEY_INVALID"],
    [{ authorization: "Bearer nope" }, "KEY_INVALID"],
  ])("%j: 401 %s, and the body is not looked at", async (headers, code) => {
    const { sendRaw, letters } = await openIngest();
    const answer = await sendRaw("not json", { headers });
    expect([answer.status, answer.body.code]).toEqual([401, code]);
    expect(await letters()).toEqual([]);
  });

  it("a key without scope write is 403", async () => {
    const { send, readKey } = await openIngest();
    const answer = await send(event(), { headers: { "x-api-key": readKey } });
    expect([answer.status, answer.body.code]).toEqual([403, "SCOPE_MISSING"]);
  });

  it("two live keys of one source work, a revoked one stops when the bus says so", async () => {
    const { app, send, issue, keys, bus, writeKey, project } = await openIngest();
    await app.start();
    const second = await issue({ kind: "write", scopes: ["write"], source: "web" });
    const status = async (key: string): Promise<number> =>
      (await send(event(), { headers: { "x-write-key": key } })).status;
    expect([await status(writeKey), await status(second)]).toEqual([200, 200]);
    await keys.revoke(1, "2026-06-12T12:00:00.000Z");
    await bus.publish(subjects.keyRevoked, { project_id: project.id, key_id: 1 });
    await vi.waitFor(async () => expect(await status(writeKey)).toBe(401));
    expect(await status(second)).toBe(200);
    await app.close();
  });
});

describe("our own trouble", () => {
  const troubles: [string, Fate, string][] = [
    ["bus down", "down", "STORE_UNAVAILABLE|BUS_UNAVAILABLE"],
    ["backlog full", "full", "BUS_FULL"],
  ];

  it.each(troubles)("%s: 429 for RudderStack, 503 for others", async (_, fate, code) => {
    const { send, bus } = await openIngest();
    bus.fate = () => fate;
    const rudder = await send(event(), { headers: RUDDER });
    expect(rudder.status).toBe(429);
    const other = await send(event());
    expect(other.status).toBe(503);
    for (const answer of [rudder, other]) {
      expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      expect(answer.body.code).toMatch(new RegExp(`^(${code})$`));
      expect(JSON.stringify(answer.body)).not.toContain("scripted");
    }
  });

  it("the profile of the key wins over the user agent", async () => {
    const { send, bus, issue } = await openIngest();
    bus.fate = () => "down";
    const rudder = await issue({ kind: "write", source: "a", profile: "rudderstack" });
    const standard = await issue({ kind: "write", source: "b", profile: "standard" });
    expect((await send(event(), { headers: { "x-write-key": rudder } })).status).toBe(429);
    const told = { "x-write-key": standard, ...RUDDER };
    expect((await send(event(), { headers: told })).status).toBe(503);
  });

  it("a key that cannot be checked is our trouble, not a 401", async () => {
    const { send, keys } = await openIngest();
    keys.findByHash = async () => {
      throw new UnavailableError("postgres", "scripted: down");
    };
    expect((await send(event(), { headers: RUDDER })).status).toBe(429);
    const other = await send(event());
    expect([other.status, other.body.code]).toEqual([503, "STORE_UNAVAILABLE"]);
  });

  it("dead letters that cannot be stored: nothing is acknowledged, not even a 400", async () => {
    const { send, sendRaw, deadLetters } = await openIngest();
    deadLetters.put = async () => {
      throw new UnavailableError("postgres", "scripted: down");
    };
    expect((await send([event(), 7])).status).toBe(503);
    expect((await sendRaw("{")).status).toBe(503);
    expect((await sendRaw("{", { headers: RUDDER })).status).toBe(429);
  });

  it("what nobody expected is retryable too, and tells nothing", async () => {
    const { send, bus, lines } = await openIngest();
    bus.fate = () => {
      throw new TypeError("scripted: /secret/path");
    };
    const rudder = await send(event(), { headers: RUDDER });
    expect([rudder.status, rudder.body.code]).toEqual([429, "INTERNAL"]);
    expect((await send(event())).status).toBe(503);
    expect(JSON.stringify(rudder.body)).not.toContain("secret");
    expect(lines.join("")).toContain("scripted: /secret/path");
  });

  it("one event without its acknowledgement fails the whole answer; what was stored stays", async () => {
    const { send, bus } = await openIngest();
    const list = [event(), event({ messageId: "m-2" }), event({ messageId: "m-3" })];
    bus.fate = ({ event_id }) => (event_id === "m-2" ? "down" : "ok");
    expect((await send(list)).status).toBe(503);
    expect(bus.stored.map(({ event }) => event.event_id)).toContain("m-1");
    bus.fate = () => "ok";
    const again = await send(list);
    expect(again.body.results.map(({ verdict }) => verdict)).toEqual([
      "duplicate",
      "accepted",
      "duplicate",
    ]);
  });

  it("a publish is tried again under its id, and its own duplicate is accepted", async () => {
    const { send, bus } = await openIngest();
    bus.fate = (_, attempt) => (attempt === 1 ? "lost_ack" : "ok");
    expect((await send(event())).body).toMatchObject({ accepted: 1, duplicates: 0 });
    expect([bus.attempts, bus.stored.length]).toEqual([2, 1]);
    // A full backlog does not empty while a request waits.
    bus.fate = () => "full";
    await send(event({ messageId: "m-2" }));
    expect(bus.attempts).toBe(3);
  });

  it("stops trying when its time is over", async () => {
    const { send, bus } = await openIngest({ publishPausesMs: [0, 0, 0], retryForMs: -1 });
    bus.fate = () => "down";
    expect((await send(event())).status).toBe(503);
    expect(bus.attempts).toBe(1);
  });
});

describe("overload", () => {
  it("works on a bounded number of requests and turns the rest away", async () => {
    const { send, bus } = await openIngest({ maxInFlight: 2, maxLargeInFlight: 2, maxWaiting: 1 });
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    bus.fate = async (): Promise<Fate> => {
      await gate;
      return "ok";
    };
    const first = [1, 2, 3].map((messageId) => send(event({ messageId })));
    await vi.waitFor(() => expect(bus.attempts).toBe(2));
    const refused = await send(event({ messageId: 4 }));
    expect([refused.status, refused.body.code]).toEqual([503, "OVERLOADED"]);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect((await send(event({ messageId: 4 }), { headers: RUDDER })).status).toBe(429);
    open();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await send(event({ messageId: 4 }))).body.accepted).toBe(1);
  });

  it("large requests that wait hold up nobody small", async () => {
    const { send, bus } = await openIngest({ maxInFlight: 2, maxLargeInFlight: 1, maxWaiting: 8 });
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    bus.fate = async ({ event_id }): Promise<Fate> => {
      if (event_id.startsWith("large")) await gate;
      return "ok";
    };
    const large = ["large-1", "large-2", "large-3"].map((messageId) => send(event({ messageId })));
    await vi.waitFor(() => expect(bus.attempts).toBe(1));
    const small = event({ messageId: "small" });
    const length = { "content-length": `${JSON.stringify(small).length}` };
    expect((await send(small, { headers: length })).status).toBe(200);
    open();
    for (const answer of await Promise.all(large)) expect(answer.status).toBe(200);
  });
});

describe("what every app answers", () => {
  it("is ready while bus and archive are, and describes itself", async () => {
    const { request, archive, clock } = await openIngest();
    const get = (path: string): Promise<Response> => request(null, { method: "GET", path });
    expect((await get("/livez")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
    archive.check = async () => {
      throw new UnavailableError("postgres", "gone");
    };
    clock.advance(2_000);
    const down = await get("/readyz");
    expect(down.status).toBe(503);
    expect(await down.text()).toContain("archive");
    const document = (await (await get("/openapi.json")).json()) as { paths: object };
    const own = ["/api/ingest", "/api/dead-letters", "/api/dead-letters/replay"];
    const everywhere = ["/livez", "/readyz", "/metrics"];
    expect(Object.keys(document.paths).toSorted()).toEqual([...own, ...everywhere].toSorted());
  });
});
