import { BUFFER_CAP, BUFFER_WINDOW_MS, joinEvents, type SignalEvent } from "@signalpath/domain";
import fc from "fast-check";
import { expect, test } from "vitest";

import { RefusedError } from "../errors.ts";
import { idsOf, open } from "./open-for-test.ts";
import { eventAt, HOSTILE_IDS, randomKey, type MakeUserState } from "./under-test.ts";

// Few ids and few times, so that equal ids, equal times and both edges of the window are common.
const OFFSETS = [0, 1, 1_000, BUFFER_WINDOW_MS - 1, BUFFER_WINDOW_MS, BUFFER_WINDOW_MS + 1];
const IDS = ["a", "b", "B", "z", "\u00E9", "\uFFFD", "\u{1F4A3}", "\u{1F4A3}a", "id-10", "id-9"];

// A set expires 30 days after its newest event. So that none expires while a test builds it up
// from its oldest, the whole window lies around the store's own time.
const AHEAD_MS = BUFFER_WINDOW_MS / 2;

const schedule = fc.record({
  times: fc.array(fc.constantFrom(...OFFSETS), {
    minLength: IDS.length,
    maxLength: IDS.length,
  }),
  batches: fc.array(fc.array(fc.nat(IDS.length - 1), { maxLength: 6 }), { maxLength: 10 }),
});

/** Semilattice laws, with `joinEvents` of the domain as oracle. */
export function joinLaws(make: MakeUserState): void {
  test("any order, batching and repetition gives what joinEvents gives", async () => {
    const { buffer, now } = await open(make);
    await fc.assert(
      fc.asyncProperty(schedule, async ({ times, batches }) => {
        const newest = now() + AHEAD_MS;
        const events = IDS.map((id, i) => eventAt(id, newest - (times[i] ?? 0)));
        const key = randomKey();
        let expected: SignalEvent[] = [];
        for (const batch of batches) {
          const added = batch.flatMap((i) => events[i] ?? []);
          expected = joinEvents(expected, added);
          const answer = await buffer.append(key, added);
          expect(answer).toMatchObject({ status: "ok", events: expected });
        }
        const all = batches.flat().flatMap((i) => events[i] ?? []);
        expect(await buffer.read(key)).toMatchObject({ events: joinEvents([], all) });
      }),
      { numRuns: 60 },
    );
  });

  test("keeps the newest 2,000", async () => {
    const { buffer, now } = await open(make);
    const start = now() - 10_000;
    const events = Array.from({ length: BUFFER_CAP + 3 }, (_, i) => eventAt(`e${i}`, start + i));
    const key = randomKey();
    await buffer.append(key, events.slice(2));
    const answer = await buffer.append(key, events.slice(0, 3));
    expect(answer).toMatchObject({ events: joinEvents([], events) });
    const more = [eventAt("newer", start + 60_000), eventAt("older", start - 60_000)];
    const after = await buffer.append(key, more);
    expect(after).toMatchObject({ events: joinEvents(events, more) });
  });

  test("an event exactly 30 days before the newest is out, a millisecond later is in", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const newest = now() + AHEAD_MS;
    const edge = newest - BUFFER_WINDOW_MS;
    await buffer.append(key, [eventAt("at", edge), eventAt("in", edge + 1)]);
    const answer = await buffer.append(key, [eventAt("newest", newest)]);
    expect(answer.status === "ok" && idsOf(answer)).toEqual(["in", "newest"]);
    const again = await buffer.append(key, [eventAt("at", edge)]);
    expect(again).toEqual(answer);
  });

  test("equal times stand in code point order", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const ms = now() - 1_000;
    // UTF-16 order would put the astral id before U+FFFD.
    const ordered = ["A", "Z", "a", "aa", "\u00E9", "\uE000", "\uFFFD", "\u{1F4A3}", "\u{1F4A3}a"];
    await buffer.append(
      key,
      ordered.toReversed().map((id) => eventAt(id, ms)),
    );
    const answer = await buffer.read(key);
    expect(answer.status === "ok" && idsOf(answer)).toEqual(ordered);
  });

  test("ids are data", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const start = now() - 60_000;
    const events = HOSTILE_IDS.map((id, i) =>
      eventAt(id, start + i, { item_id: id, traits: { [id]: id } }),
    );
    for (const event of events) await buffer.append(key, [event]);
    await buffer.append(key, events);
    expect(await buffer.read(key)).toMatchObject({ filled: false, events });
    expect(await buffer.read(randomKey())).toMatchObject({ events: [], revision: 0 });
  });

  test("a time that is none is refused, with its whole batch", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const before = await buffer.append(key, [eventAt("1", now())]);
    const bad = eventAt("bad", now(), { occurred_at: "yesterday" });
    await expect(buffer.append(key, [eventAt("2", now()), bad])).rejects.toThrow(RefusedError);
    expect(await buffer.read(key)).toEqual(before);
  });

  test("a batch may be larger than a buffer", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const start = now() - 60_000;
    const events = Array.from({ length: 3 * BUFFER_CAP }, (_, i) => {
      return eventAt(`e${i}`, start + ((i * 7_919) % 50_000));
    });
    const answer = await buffer.append(key, events);
    expect(answer).toMatchObject({ events: joinEvents([], events) });
  });

  test("the first copy of an id stays", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const first = eventAt("e", now() - 1_000, { item_id: "first" });
    await buffer.append(key, [first]);
    const answer = await buffer.append(key, [eventAt("e", now(), { item_id: "second" })]);
    expect(answer).toMatchObject({ events: [first] });
  });

  test("the revision rises only when the set changed", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const before = now();
    const one = await buffer.append(key, [eventAt("1", before - 5_000)]);
    if (one.status !== "ok") throw new Error("moved");
    expect(one.revision).toBeGreaterThanOrEqual(before);
    const outside = eventAt("0", before - 5_000 - BUFFER_WINDOW_MS);
    for (const nothingNew of [[], [eventAt("1", before - 5_000)], [outside]]) {
      expect(await buffer.append(key, nothingNew)).toEqual(one);
    }
    expect(await buffer.append(key, [], { fill: true })).toEqual({ ...one, filled: true });
    let last = one.revision;
    for (let i = 2; i < 8; i++) {
      const next = await buffer.append(key, [eventAt(`${i}`, before - 5_000)]);
      expect(next).toMatchObject({ status: "ok", filled: true });
      if (next.status === "ok") expect(next.revision).toBeGreaterThan(last);
      if (next.status === "ok") last = next.revision;
    }
    expect(await buffer.read(key)).toMatchObject({ revision: last });
  });

  test("two writers lose nothing", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const start = now() - 60_000;
    const events = Array.from({ length: 40 }, (_, i) => eventAt(`e${i}`, start + i));
    const answers = await Promise.all(events.map((event) => buffer.append(key, [event])));
    const revisions = answers.map((answer) => (answer.status === "ok" ? answer.revision : 0));
    expect(new Set(revisions).size).toBe(events.length);
    expect(await buffer.read(key)).toMatchObject({ events, revision: Math.max(...revisions) });
  });
}
