import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { REACTIONS, type SignalEvent } from "../events/types.ts";
import { meanDwellMs, preferredHour, reactionRate, tipVolume } from "./measures.ts";
import { alignHour, normaliseDwell, normaliseRate, normaliseVolume } from "./normalise.ts";
import { FEATURE_WINDOW_MS, tipsOf } from "./tips.ts";

const NOON = Date.UTC(2026, 5, 12, 12);
const HOUR = 3_600_000;

/** An event `ms` before noon. */
function event(id: string, ms: number, rest: Partial<SignalEvent>): SignalEvent {
  const at = new Date(NOON - ms).toISOString();
  const base = { event_id: id, project_id: 1, user_id: "u", item_id: "t1" };
  return { ...base, kind: "feedback", occurred_at: at, received_at: at, ...rest };
}
const served = (id: string, ms: number, rest: Partial<SignalEvent> = {}) =>
  event(id, ms, { kind: "served", ...rest });
const done = (id: string, ms: number, rest: Partial<SignalEvent> = {}) =>
  event(id, ms, { reaction: "done", ...rest });

describe("tips", () => {
  test("are counted once a request, however often they were sent", () => {
    const events = [
      served("1", 9_000, { request_id: "r1" }),
      served("2", 8_000, { request_id: "r1" }),
      served("3", 7_000, { request_id: "r2" }),
      done("4", 6_000, { request_id: "r1" }),
      done("5", 5_000, { request_id: "r1" }),
    ];
    const tips = tipsOf([...events, ...events], NOON);
    expect(tipVolume(tips)).toBe(2);
    expect(reactionRate(tips, "done")).toBe(1 / 2);
  });

  test("are counted by item where no request is named", () => {
    const tips = tipsOf([served("1", 9), served("2", 8), done("3", 7)], NOON);
    expect([tipVolume(tips), reactionRate(tips, "done")]).toEqual([1, 1]);
    const mixed = tipsOf([served("1", 9, { request_id: "r" }), done("2", 8)], NOON);
    expect([tipVolume(mixed), reactionRate(mixed, "done")]).toEqual([1, 0]);
  });

  test("lie in (asOf - 30 d, asOf]", () => {
    const at = (ms: number) => tipVolume(tipsOf([served("1", ms)], NOON));
    expect([at(FEATURE_WINDOW_MS), at(FEATURE_WINDOW_MS - 1), at(0), at(-1)]).toEqual([0, 1, 1, 0]);
  });

  test("are none of a bot, nor of an event without an item", () => {
    const events = [served("1", 9, { is_bot: true }), served("2", 8, { item_id: undefined })];
    expect(tipsOf(events, NOON)).toEqual([]);
  });
});

describe("measures", () => {
  test("of nothing: rates and volume are 0, dwell and hour are not known", () => {
    expect(reactionRate([], "done")).toBe(0);
    expect(tipVolume([])).toBe(0);
    expect(meanDwellMs([])).toBeNull();
    expect(preferredHour([])).toBeNull();
  });

  test("a reaction to what was never shown makes no rate, but counts for dwell and hour", () => {
    const tips = tipsOf([done("1", HOUR, { dwell_ms: 5_000 })], NOON);
    expect(reactionRate(tips, "done")).toBe(0);
    expect([meanDwellMs(tips), preferredHour(tips)]).toEqual([5_000, 11]);
  });

  test("dwell: what the reaction says wins over the time since the impression", () => {
    const dwell = (...events: SignalEvent[]) => meanDwellMs(tipsOf(events, NOON));
    expect(dwell(served("1", 9_000), done("2", 2_000))).toBe(7_000);
    expect(dwell(served("1", 9_000), done("2", 2_000, { dwell_ms: 40 }))).toBe(40);
    expect(dwell(served("1", 9_000), done("2", 2_000, { dwell_ms: 0 }))).toBe(0);
    expect(dwell(done("2", 9_000), served("1", 2_000))).toBeNull();
    expect(dwell(done("2", 9_000))).toBeNull();
    const other = { item_id: "t2" };
    expect(
      dwell(served("1", 9_000), done("2", 2_000), done("3", 1, { ...other, dwell_ms: 1 })),
    ).toBe(7_001 / 2);
  });

  test("hour: by the sender's clock, the smallest of equal ones, once a tip", () => {
    const hour = (...events: SignalEvent[]) => preferredHour(tipsOf(events, NOON));
    expect(hour(done("1", HOUR))).toBe(11);
    expect(hour(done("1", HOUR, { utc_offset_min: 330 }))).toBe(16);
    expect(hour(done("1", HOUR, { utc_offset_min: -12 * 60 }))).toBe(23);
    expect(hour(done("1", HOUR), done("2", 2 * HOUR, { item_id: "t2" }))).toBe(10);
    const again = [done("1", HOUR), done("2", HOUR - 1), done("3", 2 * HOUR, { item_id: "t2" })];
    expect(hour(...again)).toBe(10);
    expect(hour(event("1", HOUR, { reaction: "dismiss" }))).toBeNull();
  });
});

/** Offset of a place on earth at an instant, minutes east of UTC, from the tz database. */
function offsetIn(timeZone: string, ms: number): number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0"] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

describe("hours around a change of clocks", () => {
  const at = (iso: string, timeZone: string, id: string) => {
    const ms = Date.parse(iso);
    return done(id, NOON - ms, { item_id: id, utc_offset_min: offsetIn(timeZone, ms) });
  };
  const hourOf = (events: readonly SignalEvent[], asOf: string) =>
    preferredHour(tipsOf(events, Date.parse(asOf)));

  test("the hour that comes twice in autumn is one hour of day", () => {
    const events = [
      at("2026-10-25T00:30:00Z", "Europe/Berlin", "summer"),
      at("2026-10-25T01:30:00Z", "Europe/Berlin", "winter"),
      at("2026-10-25T02:30:00Z", "Europe/Berlin", "later"),
    ];
    expect(events.map(({ utc_offset_min }) => utc_offset_min)).toEqual([120, 60, 60]);
    expect(hourOf(events, "2026-10-26T00:00:00Z")).toBe(2);
  });

  test("the hour that spring leaves out is nobody's", () => {
    const times = ["2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00Z", "2026-03-29T01:59:59Z"];
    const events = times.map((time, n) => at(time, "Europe/Berlin", `e${n}`));
    expect(events.map((one) => hourOf([one], "2026-03-30T00:00:00Z"))).toEqual([1, 3, 3]);
    expect(hourOf(events, "2026-03-30T00:00:00Z")).toBe(3);
  });

  test("evenings at one hour of the wall clock stay one hour over the change", () => {
    const evenings = [24, 25, 26, 27].map((day) =>
      at(`2026-10-${day}T${day < 25 ? 18 : 19}:15:00Z`, "Europe/Berlin", `d${day}`),
    );
    expect(evenings.map((one) => hourOf([one], "2026-10-28T00:00:00Z"))).toEqual([20, 20, 20, 20]);
  });

  test.each([
    ["Asia/Kolkata", 23],
    ["Asia/Kathmandu", 0],
    ["Australia/Lord_Howe", 5],
    ["Pacific/Chatham", 8],
    ["America/St_Johns", 14],
    ["Pacific/Kiritimati", 8],
    ["Pacific/Pago_Pago", 7],
  ])("in %s 18:20 UTC on a day of November is %i o'clock", (place, hour) => {
    const event = at("2026-11-20T18:20:00Z", place, "e");
    expect(hourOf([event], "2026-11-21T00:00:00Z")).toBe(hour);
  });
});

test("normalised for serving", () => {
  expect([0, 0.4, 1, null].map(normaliseRate)).toEqual([0, 0.4, 1, 0]);
  expect(normaliseDwell(null)).toBe(0);
  expect(normaliseDwell(30_000)).toBeCloseTo(1 - Math.exp(-1), 12);
  expect([0, 300, 9_999, null].map(normaliseVolume)).toEqual([0, 1, 1, 0]);
  expect(normaliseVolume(10)).toBeCloseTo(Math.log(11) / Math.log(301), 12);
  const at = (hour: number | null, utcOffsetMin?: number) =>
    alignHour(hour, { nowMs: NOON, utcOffsetMin });
  expect(at(null)).toBe(0.5);
  expect(at(12)).toBe(1);
  expect(at(0)).toBeCloseTo(0, 12);
  expect(at(6)).toBeCloseTo(0.5, 12);
  expect(at(11)).toBeCloseTo(at(13), 12);
  expect(at(17, 330)).toBe(1);
});

const anyEvents = fc.array(
  fc.record({
    kind: fc.constantFrom("served", "feedback", "viewed"),
    ms: fc.constantFrom(-1, 0, 1, 500, HOUR, 9 * HOUR, FEATURE_WINDOW_MS - 1, FEATURE_WINDOW_MS),
    item_id: fc.constantFrom("a", "b", undefined),
    request_id: fc.constantFrom("r1", "r2", undefined),
    reaction: fc.constantFrom(...REACTIONS),
    dwell_ms: fc.option(fc.nat(90_000), { nil: undefined }),
    is_bot: fc.option(fc.boolean(), { nil: undefined }),
    utc_offset_min: fc.constantFrom(undefined, 0, 330, -600),
  }),
  { maxLength: 30 },
);

/** The five values, written as plainly as their definitions read. */
function bruteForce(events: readonly SignalEvent[]) {
  const inside = events.filter((one) => {
    const age = NOON - Date.parse(one.occurred_at);
    return age >= 0 && age < FEATURE_WINDOW_MS && !one.is_bot && one.item_id !== undefined;
  });
  const nameOf = (one: SignalEvent) => JSON.stringify([one.item_id, one.request_id]);
  const names = (list: readonly SignalEvent[]) => [...new Set(list.map(nameOf))].sort();
  const shown = inside.filter((one) => one.kind === "served");
  const reacted = inside.filter((one) => one.kind === "feedback");
  const rate = (reaction: string) => {
    const hits = names(reacted.filter((one) => one.reaction === reaction));
    const all = names(shown);
    return all.length === 0 ? 0 : all.filter((name) => hits.includes(name)).length / all.length;
  };
  const ms = (one: SignalEvent) => Date.parse(one.occurred_at);
  const dwells = names(reacted).flatMap((name) => {
    const own = reacted.filter((one) => nameOf(one) === name);
    const said = own.flatMap((one) => one.dwell_ms ?? []);
    if (said.length > 0) return [Math.max(...said)];
    const first = Math.min(...shown.filter((one) => nameOf(one) === name).map(ms));
    const wait = Math.min(...own.map(ms)) - first;
    return wait >= 0 && Number.isFinite(wait) ? [wait] : [];
  });
  const finished = reacted.filter((one) => one.reaction === "done");
  const hours = names(finished).map((name) => {
    const own = finished.filter((one) => nameOf(one) === name);
    const [first] = own.sort((a, b) => ms(a) - ms(b) || (a.event_id < b.event_id ? -1 : 1));
    return new Date(ms(first!) + (first!.utc_offset_min ?? 0) * 60_000).getUTCHours();
  });
  const count = (hour: number) => hours.filter((one) => one === hour).length;
  const best = [...new Set(hours)].sort((a, b) => count(b) - count(a) || a - b)[0];
  return {
    done: rate("done"),
    dismiss: rate("dismiss"),
    dwell: dwells.length === 0 ? null : dwells.reduce((sum, one) => sum + one, 0) / dwells.length,
    hour: best ?? null,
    volume: names(shown).length,
  };
}

test("any events, in any order and as often as you like, give the brute-force values", () => {
  fc.assert(
    fc.property(anyEvents, fc.infiniteStream(fc.nat()), (drawn, dice) => {
      const events = drawn.map(({ ms, ...rest }, i) => event(`e${i}`, ms, rest));
      const shaken = [...events, ...events.filter(() => (dice.next().value as number) % 3 === 0)]
        .map((one) => [dice.next().value as number, one] as const)
        .sort((a, b) => a[0] - b[0])
        .map(([, one]) => one);
      const tips = tipsOf(shaken, NOON);
      const expected = bruteForce(events);
      expect(reactionRate(tips, "done")).toBe(expected.done);
      expect(reactionRate(tips, "dismiss")).toBe(expected.dismiss);
      expect(preferredHour(tips)).toBe(expected.hour);
      expect(tipVolume(tips)).toBe(expected.volume);
      if (expected.dwell === null) expect(meanDwellMs(tips)).toBeNull();
      else expect(meanDwellMs(tips)).toBeCloseTo(expected.dwell, 6);
      expect(meanDwellMs(tipsOf(events, NOON))).toBe(meanDwellMs(tips));
    }),
    { numRuns: 500 },
  );
});
