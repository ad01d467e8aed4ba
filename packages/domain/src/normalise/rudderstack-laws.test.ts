import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ARRIVAL_MS, normalise } from "./fixtures/events.ts";
import { normaliseEnvelope } from "./normalise-envelope.ts";

const looseEvent = fc.record(
  {
    type: fc.oneof(fc.constantFrom("track", "identify", "page", "alias", "Screen"), fc.jsonValue()),
    event: fc.oneof(
      fc.constantFrom("Tip Served", "Order Completed", "survey submitted", "Experiment Viewed"),
      fc.jsonValue(),
    ),
    messageId: fc.oneof(fc.string(), fc.jsonValue()),
    userId: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
    anonymousId: fc.jsonValue(),
    timestamp: fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc
        .date({
          noInvalidDate: true,
          min: new Date(ARRIVAL_MS - 3e9),
          max: new Date(ARRIVAL_MS + 1e9),
        })
        .map((date) => date.toISOString()),
      fc.jsonValue(),
    ),
    originalTimestamp: fc.jsonValue(),
    traits: fc.jsonValue(),
    context: fc.oneof(
      fc.record({ traits: fc.jsonValue(), sessionId: fc.jsonValue() }),
      fc.jsonValue(),
    ),
    properties: fc.oneof(
      fc.record(
        {
          id: fc.oneof(fc.string(), fc.jsonValue()),
          products: fc.oneof(fc.array(fc.record({ sku: fc.string() })), fc.jsonValue()),
          reaction: fc.jsonValue(),
          rating: fc.jsonValue(),
          answers: fc.jsonValue(),
          value: fc.jsonValue(),
          position: fc.jsonValue(),
          impressions: fc.jsonValue(),
          dwell_ms: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
);

describe("laws", () => {
  it("never throws and gives the same bytes for the same event", () => {
    fc.assert(
      fc.property(fc.oneof(looseEvent, fc.jsonValue()), (raw) => {
        const copy = JSON.parse(JSON.stringify(raw)) as unknown;
        expect(JSON.stringify(normalise(copy))).toBe(JSON.stringify(normalise(copy)));
      }),
      { numRuns: 500 },
    );
  });

  it("what comes out is an envelope that the bus side takes unchanged", () => {
    let seen = 0;
    fc.assert(
      fc.property(looseEvent, (raw) => {
        const result = normalise({ ...raw, userId: "u", timestamp: "2026-06-12T11:00:00Z" });
        if (result.verdict !== "events") return;
        seen++;
        for (const event of result.events) {
          const wire = JSON.parse(JSON.stringify(event)) as unknown;
          const again = normaliseEnvelope(wire, { receivedAtMs: ARRIVAL_MS + 1_000 });
          expect(again).toEqual({ ok: true, event: wire, clamped: false });
        }
      }),
      { numRuns: 1_000 },
    );
    expect(seen).toBeGreaterThan(100);
  });
});
