import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ARRIVAL_MS } from "./fixtures/events.ts";
import { normaliseEnvelope } from "./normalise-envelope.ts";

const DAY_MS = 86_400_000;
const options = { receivedAtMs: ARRIVAL_MS };

function envelope(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event_id: "e-1",
    project_id: 1,
    user_id: "dora",
    kind: "feedback",
    item_id: "tip-9",
    reaction: "done",
    occurred_at: "2026-06-12T11:00:00.000Z",
    received_at: "2026-06-12T11:59:59.500Z",
    ...changes,
  };
}
function detailOf(raw: unknown): string {
  const result = normaliseEnvelope(raw, options);
  return result.ok ? "ok" : `${result.code}: ${result.detail}`;
}
const iso = (ms: number): string => new Date(ms).toISOString();

describe("normaliseEnvelope", () => {
  it("lets a clean envelope through as it is", () => {
    expect(normaliseEnvelope(envelope(), options)).toEqual({
      ok: true,
      event: envelope(),
      clamped: false,
    });
  });

  it("drops unknown fields, NUL and lone surrogates", () => {
    const result = normaliseEnvelope(
      envelope({ item_id: " a\0b ", traits: { "k\0": ["\udfff"] }, secret: 1 }),
      options,
    );
    expect(result).toEqual({
      ok: true,
      event: envelope({ item_id: "ab", traits: { k: ["\ufffd"] } }),
      clamped: false,
    });
  });

  it("counts ids that are too long or placeholders as absent", () => {
    const result = normaliseEnvelope(
      envelope({ item_id: "x".repeat(201), anonymous_id: "guest", session_id: "" }),
      options,
    );
    expect(result).toMatchObject({ ok: true });
    for (const field of ["item_id", "anonymous_id", "session_id"]) {
      expect(result.ok && result.event).not.toHaveProperty(field);
    }
    expect(detailOf(envelope({ user_id: "null" }))).toContain("no usable user_id");
    expect(detailOf(envelope({ event_id: "x".repeat(201) }))).toContain("event_id is required");
  });

  it.each([
    [{ kind: "sang" }, "kind"],
    [{ project_id: 0 }, "project_id"],
    [{ project_id: "1" }, "project_id"],
    [{ reaction: "meh" }, "reaction"],
    [{ rating: 6 }, "rating"],
    [{ dwell_ms: -1 }, "dwell_ms"],
    [{ position: 1.5 }, "position"],
    [{ traits: [] }, "traits"],
    [{ location: { lat: 91, lon: 0 } }, "location"],
    [{ is_bot: "yes" }, "is_bot"],
    [{ impressions: "a" }, "impressions"],
    [{ value: Number.POSITIVE_INFINITY }, "value"],
    [{ query: "q".repeat(1_001) }, "query"],
    [{ occurred_at: "never" }, "occurred_at"],
    [{ occurred_at: "1999-01-01T00:00:00.000Z" }, "occurred_at"],
    [{ user_id: undefined }, "no usable user_id"],
    [{ kind: undefined }, "kind is required"],
  ])("refuses %j", (change, named) => {
    expect(detailOf(envelope(change))).toMatch(/^INVALID_EVENT/);
    expect(detailOf(envelope(change))).toContain(named);
  });

  it("clamps a clock that runs ahead, keeps its offset", () => {
    const result = normaliseEnvelope(
      envelope({ occurred_at: "2026-06-12T19:00:00.000+05:30" }),
      options,
    );
    expect(result).toMatchObject({ ok: true, clamped: true });
    expect(result.ok && [result.event.occurred_at, result.event.utc_offset_min]).toEqual([
      "2026-06-12T11:59:59.500Z",
      330,
    ]);
  });

  it("refuses what is over 30 days old as expired", () => {
    const received_at = undefined;
    const edge = ARRIVAL_MS - 30 * DAY_MS;
    expect(detailOf(envelope({ received_at, occurred_at: iso(edge) }))).toBe("ok");
    expect(detailOf(envelope({ received_at, occurred_at: iso(edge - 1) }))).toMatch(/^EXPIRED/);
  });

  it("keeps an event that was inside the window when our edge took it", () => {
    const edge = ARRIVAL_MS - 2_000;
    const event = envelope({ received_at: iso(edge), occurred_at: iso(edge - 30 * DAY_MS) });
    expect(normaliseEnvelope(event, options)).toEqual({ ok: true, event, clamped: false });
  });

  it("does not believe an arrival far from the broker's", () => {
    const claimed = {
      received_at: "2024-01-01T00:00:00.000Z",
      occurred_at: "2024-01-01T00:00:00.000Z",
    };
    expect(detailOf(envelope(claimed))).toMatch(/^EXPIRED/);
    const later = normaliseEnvelope(envelope({ received_at: "2030-01-01T00:00:00.000Z" }), options);
    expect(later.ok && later.event.received_at).toBe(iso(ARRIVAL_MS));
  });

  it("refuses depth and keys that could reach a prototype", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`) as unknown;
    expect(detailOf(envelope({ traits: deep }))).toContain("deeper than 40");
    const unsafe = JSON.parse('{"__proto__": {"polluted": 1}}') as unknown;
    expect(detailOf(envelope({ traits: unsafe }))).toContain("prototype");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("never throws, is deterministic and idempotent", () => {
    const loose = fc
      .record(
        {
          user_id: fc.string({ unit: "binary", minLength: 1 }),
          item_id: fc.string({ unit: "binary" }),
          traits: fc.dictionary(fc.string(), fc.jsonValue()),
          impressions: fc.array(fc.string()),
          value: fc.double(),
          occurred_at: fc.integer({ min: ARRIVAL_MS - 2e9, max: ARRIVAL_MS + 2e9 }).map(iso),
          received_at: fc.integer({ min: ARRIVAL_MS - 1e6, max: ARRIVAL_MS + 1e6 }).map(iso),
          utc_offset_min: fc.integer({ min: -840, max: 840 }),
        },
        { requiredKeys: [] },
      )
      .map((changes) => envelope(changes) as unknown);
    let passed = 0;
    fc.assert(
      fc.property(fc.oneof({ arbitrary: loose, weight: 4 }, fc.jsonValue()), (raw) => {
        const once = normaliseEnvelope(raw, options);
        expect(normaliseEnvelope(raw, options)).toEqual(once);
        if (!once.ok) return;
        passed++;
        expect(normaliseEnvelope(once.event, options)).toEqual({ ...once, clamped: false });
      }),
      { numRuns: 500 },
    );
    expect(passed).toBeGreaterThan(100);
  });
});
