import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { compareEvents } from "./order.ts";
import type { SignalEvent } from "./types.ts";
import { BUFFER_CAP, BUFFER_WINDOW_MS, joinEvents, shapesModel } from "./window.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.parse("2026-06-01T00:00:00.000Z");

function event(id: string, ms: number, more: Partial<SignalEvent> = {}): SignalEvent {
  const occurred_at = new Date(ms).toISOString();
  return {
    event_id: id,
    project_id: 1,
    user_id: "u",
    kind: "viewed",
    occurred_at,
    received_at: occurred_at,
    ...more,
  };
}

// An id fixes its time, as in the archive: one id, one stored copy. 60 days in steps of 6 hours.
const anyEvents = fc
  .array(fc.integer({ min: 0, max: 240 }), { maxLength: 40 })
  .map((steps) => steps.map((step) => event(`e${step}`, START_MS + (step >> 1) * (DAY_MS / 4))));
const anyCap = fc.integer({ min: 1, max: 12 });

describe("joinEvents", () => {
  test("is idempotent, commutative and associative with a cap and a window", () => {
    fc.assert(
      fc.property(anyEvents, anyEvents, anyEvents, anyCap, (a, b, c, cap) => {
        const join = (x: readonly SignalEvent[], y: readonly SignalEvent[]) =>
          joinEvents(x, y, cap);
        const ab = join(a, b);
        expect(join(ab, b)).toEqual(ab);
        expect(join(ab, ab)).toEqual(ab);
        expect(join(b, a)).toEqual(ab);
        expect(join(ab, c)).toEqual(join(a, join(b, c)));
      }),
    );
  });

  test("answers the newest `cap` inside the window, oldest first, each once", () => {
    fc.assert(
      fc.property(anyEvents, anyEvents, anyCap, (a, b, cap) => {
        const joined = joinEvents(a, b, cap);
        const all = new Map([...a, ...b].map((e) => [e.event_id, e]));
        const newest = Math.max(...[...all.values()].map((e) => Date.parse(e.occurred_at)));
        const expected = [...all.values()]
          .filter((e) => newest - Date.parse(e.occurred_at) < BUFFER_WINDOW_MS)
          .sort(compareEvents)
          .slice(-cap);
        expect(joined).toEqual(expected);
      }),
    );
  });

  test("the window is open at its old end", () => {
    const newest = event("new", START_MS + BUFFER_WINDOW_MS);
    const onEdge = event("edge", START_MS);
    const inside = event("in", START_MS + 1);
    expect(joinEvents([onEdge, inside], [newest])).toEqual([inside, newest]);
  });

  test("an event older than the window of a fuller buffer never gets in", () => {
    const many = Array.from({ length: BUFFER_CAP + 1 }, (_, i) => event(`m${i}`, START_MS + i));
    const joined = joinEvents(many, []);
    expect(joined).toHaveLength(BUFFER_CAP);
    expect(joined[0]?.event_id).toBe("m1");
    expect(joinEvents(joined, many.slice(0, 1))).toEqual(joined);
  });

  test("the copy at hand stays where an id comes twice", () => {
    const first = event("e", START_MS, { item_id: "a" });
    const second = event("e", START_MS, { item_id: "b" });
    expect(joinEvents([first], [second])).toEqual([first]);
  });

  test("of nothing is nothing", () => {
    expect(joinEvents([], [])).toEqual([]);
  });
});

describe("shapesModel", () => {
  test("bots and exposures do not, the rest does", () => {
    expect(shapesModel(event("a", START_MS))).toBe(true);
    expect(shapesModel(event("a", START_MS, { is_bot: false }))).toBe(true);
    expect(shapesModel(event("a", START_MS, { is_bot: true }))).toBe(false);
    expect(shapesModel(event("a", START_MS, { kind: "exposed" }))).toBe(false);
  });
});
