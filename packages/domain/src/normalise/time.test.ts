import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ARRIVAL_MS } from "./fixtures/events.ts";
import { canonicalTimeText, parseTime, readOccurredAt } from "./time.ts";

const DAY_MS = 86_400_000;

function at(raw: Record<string, unknown>): string | undefined {
  const time = readOccurredAt(raw, ARRIVAL_MS);
  return time.expired ? undefined : canonicalTimeText(time.ms);
}

describe("parseTime", () => {
  it.each([
    ["2026-06-12T17:30:00.000+05:30", "2026-06-12T12:00:00.000Z", 330],
    ["2026-06-12T08:30:00-0330", "2026-06-12T12:00:00.000Z", -210],
    ["2026-06-12T12:00:00Z", "2026-06-12T12:00:00.000Z", undefined],
    ["2026-06-12T12:00:00+00:00", "2026-06-12T12:00:00.000Z", 0],
    ["2026-06-12 12:00:00.1239", "2026-06-12T12:00:00.123Z", undefined],
    ["2026-06-12T12:00", "2026-06-12T12:00:00.000Z", undefined],
    ["2026-06-12", "2026-06-12T00:00:00.000Z", undefined],
    ["2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000Z", undefined],
    [1_781_265_600_000, "2026-06-12T12:00:00.000Z", undefined],
    [1_781_265_600, "2026-06-12T12:00:00.000Z", undefined],
  ])("reads %j", (given, expected, offset) => {
    const time = parseTime(given);
    expect(time && canonicalTimeText(time.ms)).toBe(expected);
    expect(time?.offsetMin).toBe(offset);
  });

  it.each([
    "",
    "yesterday",
    "2026-13-01",
    "2026-02-30",
    "2026-06-12T25:00:00Z",
    "2026-06-12T12:61:00Z",
    "2000-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00Z",
    "Fri, 12 Jun 2026 12:00:00 GMT",
    "+275760-09-13T00:00:00.000Z",
    0,
    -1,
    1e300,
    Number.NaN,
    null,
    {},
    ["2026-06-12"],
    true,
  ])("has no time for %j", (given) => expect(parseTime(given)).toBeUndefined());

  it("agrees with the platform on every canonical text", () => {
    const range = { min: Date.UTC(2001, 0, 1), max: Date.UTC(9999, 11, 31) };
    fc.assert(
      fc.property(fc.integer(range), (ms) => {
        expect(parseTime(canonicalTimeText(ms))).toEqual({ ms, offsetMin: undefined });
      }),
    );
  });
});

describe("readOccurredAt", () => {
  it("prefers timestamp", () => {
    expect(
      at({
        timestamp: "2026-06-12T11:00:00.000Z",
        originalTimestamp: "2026-06-12T09:00:00.000Z",
        sentAt: "2026-06-12T09:00:01.000Z",
      }),
    ).toBe("2026-06-12T11:00:00.000Z");
  });

  it("corrects a wrong device clock by what it says passed, from the gateway's arrival", () => {
    const device = {
      originalTimestamp: "2031-01-01T00:00:00.000+02:00",
      sentAt: "2031-01-01T00:10:00.000+02:00",
    };
    expect(at(device)).toBe("2026-06-12T11:50:00.000Z");
    expect(at({ ...device, receivedAt: "2026-06-12T10:00:00Z" })).toBe("2026-06-12T09:50:00.000Z");
    expect(readOccurredAt(device, ARRIVAL_MS)).toMatchObject({ offsetMin: 120, clamped: false });
  });

  it("falls to the arrival when nothing can be read or lies before 2001", () => {
    expect(at({})).toBe(canonicalTimeText(ARRIVAL_MS));
    expect(at({ timestamp: "soon", sentAt: 5 })).toBe(canonicalTimeText(ARRIVAL_MS));
    expect(at({ timestamp: "1970-01-01T00:00:00Z" })).toBe(canonicalTimeText(ARRIVAL_MS));
  });

  it("clamps what is over 5 minutes ahead and keeps the offset", () => {
    expect(readOccurredAt({ timestamp: ARRIVAL_MS + 300_000 }, ARRIVAL_MS)).toMatchObject({
      ms: ARRIVAL_MS + 300_000,
      clamped: false,
    });
    expect(readOccurredAt({ timestamp: ARRIVAL_MS + 300_001 }, ARRIVAL_MS)).toMatchObject({
      ms: ARRIVAL_MS,
      clamped: true,
    });
    expect(readOccurredAt({ timestamp: "2027-01-01T00:00:00+05:30" }, ARRIVAL_MS)).toMatchObject({
      ms: ARRIVAL_MS,
      offsetMin: 330,
    });
  });

  it("is expired when over 30 days old", () => {
    expect(readOccurredAt({ timestamp: ARRIVAL_MS - 30 * DAY_MS }, ARRIVAL_MS).expired).toBe(false);
    expect(readOccurredAt({ timestamp: ARRIVAL_MS - 30 * DAY_MS - 1 }, ARRIVAL_MS).expired).toBe(
      true,
    );
  });

  it("keeps the event's own offset when the server rewrote timestamp to UTC", () => {
    const raw = {
      timestamp: "2026-06-12T11:00:00.000Z",
      originalTimestamp: "2026-06-12T16:30:00.000+05:30",
    };
    expect(readOccurredAt(raw, ARRIVAL_MS)).toMatchObject({ offsetMin: 330 });
  });
});
