import { userKey } from "@signalpath/domain";
import { UnavailableError } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import { describe, expect, it } from "vitest";

import { event, openIngest } from "./fixtures/open-ingest.ts";

const MINUTE_MS = 60_000;

describe("ingest", () => {
  it("answers one verdict an event, in their order, and counts them", async () => {
    const { send, bus } = await openIngest();
    const answer = await send([
      event(),
      event({ messageId: "m-2", event: "Nothing We Know" }),
      event({ messageId: "m-3", properties: {} }),
      7,
      event({ messageId: "m-4", userId: "null" }),
      event({ messageId: "m-5", timestamp: "2026-01-01T00:00:00Z" }),
      event(),
      event({ messageId: "m-6", type: "group" }),
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      received: 8,
      accepted: 1,
      duplicates: 1,
      ignored: 3,
      expired: 1,
      dead_lettered: 2,
      results: [
        { message_id: "m-1", verdict: "accepted", subject: "signals.tip.feedback" },
        { message_id: "m-2", verdict: "ignored", code: "UNMAPPED_EVENT" },
        { message_id: "m-3", verdict: "ignored", code: "NO_ITEM" },
        { message_id: null, verdict: "dead_lettered", code: "NOT_AN_OBJECT" },
        { message_id: "m-4", verdict: "dead_lettered", code: "NO_IDENTITY" },
        { message_id: "m-5", verdict: "expired", code: "EXPIRED" },
        { message_id: "m-1", verdict: "duplicate", subject: "signals.tip.feedback" },
        { message_id: "m-6", verdict: "ignored", code: "IGNORED_TYPE" },
      ],
    });
    expect(bus.stored.map(({ event }) => event.event_id)).toEqual(["m-1"]);
  });

  it("publishes under the hash of project and event id and hands the trace on", async () => {
    const { send, bus } = await openIngest();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await send(event({ messageId: "a.*.>" }), { headers: { traceparent } });
    await send(event({ messageId: "m-2" }), { headers: { traceparent: "x\ty" } });
    expect(bus.stored).toMatchObject([
      {
        subject: "signals.tip.feedback",
        // SHA-256 of "1:a.*.>", base64url.
        id: "x6tH7K70DEvvoYCVEIr0PtsYVO1EKX8mcGcl1x1Fai0",
        headers: { traceparent },
        event: { project_id: 1, source: "web", received_at: "2026-06-12T12:00:00.000Z" },
      },
      {
        headers: { traceparent: expect.stringMatching(/^00-(?!0af7)[\da-f]{32}-[\da-f]{16}-00$/) },
      },
    ]);
  });

  it("finds a resent event as duplicate, whatever else differs", async () => {
    const { send, bus } = await openIngest();
    expect((await send(event())).body.accepted).toBe(1);
    const again = await send(event({ properties: { item_id: "another" }, sentAt: "x" }));
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(bus.stored).toHaveLength(1);
  });

  it("asks the archive for what is older than the broker remembers, and only for that", async () => {
    const { send, bus, archive, clock } = await openIngest();
    await send(event());
    for (const { event } of bus.stored) await archive.put([event]);
    clock.advance(11 * MINUTE_MS);
    const fresh = event({ messageId: "m-2", timestamp: new Date(clock.now()).toISOString() });
    const before = bus.attempts;
    const answer = await send([event(), fresh]);
    expect(answer.body.results.map(({ verdict }) => verdict)).toEqual(["duplicate", "accepted"]);
    expect(bus.attempts - before).toBe(1);
  });

  it("counts old events as new when the archive cannot say, and counts that it could not", async () => {
    const { send, archive, kit } = await openIngest();
    archive.known = async () => {
      throw new UnavailableError("postgres", "scripted: down");
    };
    const answer = await send(event({ timestamp: "2026-06-11T00:00:00Z" }));
    expect(answer.body.accepted).toBe(1);
    expect(await kit.metrics.text()).toContain("ingest_duplicate_lookup_failures_total 1");
  });

  it("does not wait long for the archive", async () => {
    const { send, archive } = await openIngest({ lookUpMs: 5 });
    archive.known = () => new Promise(() => undefined);
    const answer = await send(event({ timestamp: "2026-06-11T00:00:00Z" }));
    expect(answer.body.accepted).toBe(1);
  });

  it("fans products out; the item is a duplicate only if all its events are", async () => {
    const { send, bus } = await openIngest();
    const order = (...skus: string[]) =>
      event({ event: "Order Completed", properties: { products: skus.map((sku) => ({ sku })) } });
    expect((await send(order("a"))).body.results[0]?.verdict).toBe("accepted");
    expect((await send(order("a", "b"))).body.results[0]?.verdict).toBe("accepted");
    expect((await send(order("a", "b"))).body.results[0]?.verdict).toBe("duplicate");
    expect(bus.stored.map(({ event }) => event.event_id)).toEqual(["m-1#0", "m-1#1"]);
  });

  it("puts aside with cause, original and the keys an erasure looks for", async () => {
    const { send, letters, archive, deadLetters } = await openIngest();
    await send([
      event({ properties: { item_id: "i", reaction: "?" }, event: "Tip Feedback" }),
      "x",
    ]);
    // The same again is the same row.
    await send([
      event({ properties: { item_id: "i", reaction: "?" }, event: "Tip Feedback" }),
      "x",
      "x",
    ]);
    const [first, second, ...more] = (await letters()).sort((a, b) => (a.code < b.code ? -1 : 1));
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      projectId: 1,
      app: "ingest-webhook",
      code: "INVALID_EVENT",
      eventId: "m-1",
      receivedAt: "2026-06-12T12:00:00.000Z",
      truncated: false,
      userKey: userKey(sha256, 1, "user", "nora"),
    });
    expect(JSON.parse(first?.body ?? "")).toMatchObject({ messageId: "m-1", userId: "nora" });
    expect(second).toMatchObject({ code: "NOT_AN_OBJECT", body: '"x"' });
    await archive.erase(1, userKey(sha256, 1, "user", "nora"), Date.UTC(2026, 5, 13));
    expect((await letters()).map(({ code }) => code)).toEqual(["NOT_AN_OBJECT"]);
    expect(await deadLetters.prune(Date.UTC(2026, 7, 1))).toBe(1);
  });

  it("tells erased users' events apart, alone and among copies", async () => {
    const { send, bus } = await openIngest();
    bus.fate = () => "erased";
    const answer = await send([event(), event()]);
    const ignored = { message_id: "m-1", verdict: "ignored", code: "USER_ERASED" };
    expect(answer.body.results).toEqual([ignored, ignored]);
  });

  it("puts aside what the store will never take, its neighbours pass", async () => {
    const { send, bus, letters } = await openIngest();
    bus.fate = ({ event_id }) => (event_id === "m-1" ? "refused" : "ok");
    const answer = await send([event(), event({ messageId: "m-2" })]);
    expect(answer.body.results.map(({ verdict }) => verdict)).toEqual([
      "dead_lettered",
      "accepted",
    ]);
    expect(await letters()).toMatchObject([{ code: "INVALID_EVENT", eventId: "m-1" }]);
  });

  it("accepts, tags and counts bots and clamped clocks", async () => {
    const { send, bus, kit } = await openIngest();
    const userAgent = "Mozilla/5.0 (compatible; Examplebot/2.1; +http://example.test/bot)";
    const answer = await send([
      event({ context: { userAgent } }),
      event({ messageId: "m-2", timestamp: "2026-06-12T13:00:00Z" }),
    ]);
    expect(answer.body.accepted).toBe(2);
    expect(bus.stored.map(({ event }) => event.is_bot)).toEqual([true, undefined]);
    expect(bus.stored[1]?.event.occurred_at).toBe("2026-06-12T12:00:00.000Z");
    const text = await kit.metrics.text();
    expect(text).toContain('ingest_events_total{source="web",result="accepted"} 2');
    expect(text).toContain("ingest_bot_events_total 1");
    expect(text).toContain("clock_skew_clamped_total 1");
    expect(text).toContain('bus_publish_duration_seconds_count{result="stored"} 2');
  });

  it("follows a project's own event map, and a change of it soon", async () => {
    const { send, projects, clock, lines } = await openIngest();
    const cooked = (messageId: string) => event({ messageId, event: "Recipe Cooked" });
    expect((await send(cooked("m-1"))).body.ignored).toBe(1);
    const rule = { kind: "feedback", reaction: "done" };
    await projects.setEventMap(1, { version: 1, events: { "recipe cooked": rule } });
    clock.advance(11_000);
    expect((await send(cooked("m-2"))).body.accepted).toBe(1);
    await projects.setEventMap(1, { version: "broken" });
    clock.advance(11_000);
    expect((await send(cooked("m-3"))).body.ignored).toBe(1);
    expect(lines.join("")).toContain("stored event map is broken");
  });

  it("keeps the last event map while projects cannot be read", async () => {
    const { send, projects, clock } = await openIngest();
    await projects.setEventMap(1, { version: 1, events: { Cooked: { kind: "viewed" } } });
    expect((await send(event({ event: "Cooked" }))).body.accepted).toBe(1);
    projects.eventMap = async () => {
      throw new Error("scripted: down");
    };
    clock.advance(11_000);
    expect((await send(event({ event: "Cooked", messageId: "m-2" }))).body.accepted).toBe(1);
  });
});
