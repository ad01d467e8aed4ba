import { describe, expect, it } from "vitest";

import { codeOf, feedbackEvent, normalise, only, testContext, track } from "./fixtures/events.ts";

describe("one event as RudderStack delivers it", () => {
  it("keeps everything a signal needs and nothing else", () => {
    expect(only(feedbackEvent())).toEqual({
      event_id: "m-1",
      project_id: 1,
      user_id: "dora",
      anonymous_id: "phone-7",
      kind: "feedback",
      occurred_at: "2026-06-12T11:59:58.000Z",
      received_at: "2026-06-12T12:00:00.000Z",
      utc_offset_min: 330,
      item_id: "tip-9",
      reaction: "done",
      dwell_ms: 42_000,
      request_id: "r-1",
      session_id: "1781265000123",
      source: "rudderstack",
    });
  });
});

describe("identity", () => {
  it("puts an event without a usable id aside", () => {
    const nobody = { userId: "null", anonymousId: " Undefined " };
    expect(codeOf(feedbackEvent(nobody))).toBe("dead_lettered NO_IDENTITY");
    expect(codeOf(feedbackEvent({ userId: "x".repeat(201), anonymousId: undefined }))).toBe(
      "dead_lettered NO_IDENTITY",
    );
  });

  it("judges the name before the identity and the identity before the time", () => {
    const old = { timestamp: "2026-01-01T00:00:00Z" };
    const nobody = { userId: "", anonymousId: null };
    expect(codeOf(feedbackEvent({ ...old, ...nobody, event: "?" }))).toBe("ignored UNMAPPED_EVENT");
    expect(codeOf(feedbackEvent({ ...old, ...nobody }))).toBe("dead_lettered NO_IDENTITY");
    expect(codeOf(feedbackEvent(old))).toBe("expired EXPIRED");
  });

  it("reads traits of an identify from the context too, its own win", () => {
    const event = only({
      type: "identify",
      messageId: 5,
      user_id: 42,
      anonymous_id: "a",
      traits: { city: "Ghent", "na\0me": "\ud800" },
      context: { traits: { city: "Bruges", plan: "free" } },
    });
    expect(event).toMatchObject({
      event_id: "5",
      kind: "identified",
      user_id: "42",
      anonymous_id: "a",
      traits: { city: "Ghent", plan: "free", name: "\ufffd" },
    });
  });

  it("reads the replaced id of an alias, and of nothing else", () => {
    expect(only({ type: "alias", userId: "new", previousId: "old" })).toMatchObject({
      kind: "identified",
      user_id: "new",
      previous_id: "old",
    });
    expect(only({ type: "alias", userId: "new", previousId: "NULL" }).previous_id).toBeUndefined();
    expect(
      only({ type: "identify", userId: "new", previousId: "old" }).previous_id,
    ).toBeUndefined();
  });
});

describe("message ids", () => {
  it("trims, takes numbers, replaces long ones by their hash", () => {
    expect(normalise(feedbackEvent({ messageId: "  m\0-2 " })).messageId).toBe("m-2");
    expect(normalise(feedbackEvent({ messageId: 912_535 })).messageId).toBe("912535");
    expect(normalise(feedbackEvent({ messageId: undefined, message_id: "s" })).messageId).toBe("s");
    const long = normalise(feedbackEvent({ messageId: "y".repeat(201) })).messageId;
    expect(long).toBe(testContext().sha256("y".repeat(201)));
  });

  it("derives a missing one from what a retry repeats", () => {
    const missing = { messageId: " " };
    const first = normalise(feedbackEvent(missing)).messageId;
    const resent = { sentAt: "2026-06-12T18:00:00Z", receivedAt: "2026-06-12T12:30:00Z" };
    const reordered = Object.fromEntries(
      Object.entries(feedbackEvent({ ...missing, ...resent })).reverse(),
    );
    expect(normalise(reordered).messageId).toBe(first);
    expect(first).toMatch(/^[\w-]{43}$/);
    for (const change of [
      { userId: "erik" },
      { anonymousId: "other" },
      { event: "Tip Done" },
      { type: "page" },
      { properties: { item_id: "tip-10", reaction: "done" } },
      { originalTimestamp: "2026-06-12T17:29:57.001+05:30" },
    ]) {
      expect(normalise(feedbackEvent({ ...missing, ...change })).messageId).not.toBe(first);
    }
  });
});

describe("hostile shapes", () => {
  it.each([null, 1, "track", true, [], [feedbackEvent()]])("%j is no event", (raw) => {
    expect(codeOf(raw)).toBe("dead_lettered NOT_AN_OBJECT");
  });

  it("takes 40 levels and refuses 41, however deep", () => {
    const nested = (levels: number): unknown =>
      JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
    expect(codeOf(feedbackEvent({ custom: nested(39) }))).toBe("events");
    expect(codeOf(feedbackEvent({ custom: nested(40) }))).toBe("dead_lettered TOO_DEEP");
    expect(normalise(feedbackEvent({ custom: nested(100_000) }))).toMatchObject({
      code: "TOO_DEEP",
      messageId: "m-1",
    });
  });

  it("refuses keys that could reach a prototype and pollutes nothing", () => {
    const texts = [
      '{"__proto__": {"polluted": true}}',
      '{"traits": {"__proto__": {"polluted": true}}}',
      '{"properties": {"list": [{"constructor": {"prototype": {"polluted": true}}}]}}',
    ];
    for (const text of texts) {
      const raw = { ...feedbackEvent(), custom: JSON.parse(text) as unknown };
      expect(codeOf(raw)).toBe("dead_lettered UNSAFE_BODY");
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    // The name of a racing team is data.
    expect(codeOf(track("Tip Liked", { id: "i", constructor: "Williams" }))).toBe("events");
  });
});
