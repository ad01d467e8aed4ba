import fc from "fast-check";
import { describe, expect } from "vitest";

import type { SignalEvent } from "@signalpath/domain";

import {
  identified,
  iso,
  keyOf,
  NOON,
  testsBut,
  viewed,
  type MakeArchive,
  type Skip,
} from "./contract-parts.ts";
import type { ErasureProgress } from "./port.ts";

const u1 = keyOf("u1");
const a1 = keyOf("a1", "anonymous");
const nothing: ErasureProgress = { atMs: NOON, buffers: [], models: [], features: [], done: true };

/** What is remembered of an erasure, and what may happen beside one. */
export function receiptTests(make: MakeArchive, skip: Skip): void {
  const it = testsBut(skip);

  describe("receipt of an erasure", () => {
    it("nobody erased has one; the erased keep theirs, under every key of theirs", async () => {
      const { archive } = await make();
      await archive.put([identified("m1", { user_id: "u1", anonymous_id: "a1" })]);
      expect(await archive.erasureOf(1, u1)).toBeUndefined();
      await archive.erase(1, a1, NOON + 5);
      const receipt = {
        erasedAt: iso(NOON + 5),
        removed: {
          archive: 1,
          dead_letters: 0,
          experiments: 0,
          buffers: 0,
          models: 0,
          features: 0,
        },
      };
      expect(await archive.erasureOf(1, u1)).toEqual(receipt);
      expect(await archive.erasureOf(1, a1)).toEqual(receipt);
      expect(await archive.erasureOf(1, keyOf("u1", "anonymous"))).toBeUndefined();
      expect(await archive.erasureOf(2, u1)).toBeUndefined();
    });

    it("a repetition that removes nothing leaves it; one that does adds to it", async () => {
      const { archive } = await make();
      await archive.put([viewed({ event_id: "m1" }), viewed({ event_id: "m2" })]);
      await archive.erase(1, u1, NOON + 10);
      const first = await archive.erasureOf(1, u1);
      await archive.erase(1, u1, NOON + 20);
      expect(await archive.erasureOf(1, u1)).toEqual(first);
      await archive.put([viewed({ event_id: "m3", occurred_at: iso(NOON + 25) })]);
      await archive.erase(1, u1, NOON + 30);
      expect(await archive.erasureOf(1, u1)).toEqual({
        erasedAt: iso(NOON + 30),
        removed: {
          archive: 3,
          dead_letters: 0,
          experiments: 0,
          buffers: 0,
          models: 0,
          features: 0,
        },
      });
    });

    it("a repetition that removes nothing forbids what occurred until then all the same", async () => {
      const { archive } = await make();
      await archive.erase(1, u1, NOON);
      await archive.erase(1, u1, NOON + 20);
      const late = viewed({ event_id: "m1", occurred_at: iso(NOON + 20) });
      expect((await archive.put([late])).results).toEqual([{ status: "erased" }]);
    });

    it("a key with a buffer, a model or features counts once", async () => {
      const { archive } = await make();
      await archive.put([identified("m1", { user_id: "u1", anonymous_id: "a1" })]);
      const { keys } = await archive.erase(1, u1, NOON + 1);
      const found = { ...nothing, atMs: NOON + 1, buffers: [u1, a1], models: [u1], features: [u1] };
      await archive.recordErasure(1, keys, found);
      const receipt = await archive.recordErasure(1, keys, { ...found, atMs: NOON + 2 });
      expect(receipt).toEqual({
        erasedAt: iso(NOON + 1),
        removed: {
          archive: 1,
          dead_letters: 0,
          experiments: 0,
          buffers: 2,
          models: 1,
          features: 1,
        },
      });
      const later = { ...nothing, atMs: NOON + 3, models: [a1] };
      const more = await archive.recordErasure(1, keys, later);
      expect(more).toMatchObject({ erasedAt: iso(NOON + 3), removed: { buffers: 2, models: 2 } });
      const last = { ...nothing, atMs: NOON + 4, features: [a1] };
      const most = await archive.recordErasure(1, keys, last);
      expect(most).toMatchObject({ erasedAt: iso(NOON + 4), removed: { models: 2, features: 2 } });
      const stranger = await archive.recordErasure(1, [keyOf("u2")], found);
      expect(stranger.removed).toEqual({
        archive: 0,
        dead_letters: 0,
        experiments: 0,
        buffers: 0,
        models: 0,
        features: 0,
      });
      expect(await archive.erasureOf(1, keyOf("u2"))).toBeUndefined();
    });

    it("ids are handed on until the erasure is done, and then forgotten", async () => {
      const { archive } = await make();
      await archive.put([
        identified("m1", { user_id: "u1", anonymous_id: "a1" }),
        viewed({ event_id: "m2", user_id: undefined, anonymous_id: "a1", is_bot: true }),
      ]);
      expect((await archive.erase(1, u1, NOON + 1)).ids).toEqual(["a1", "u1"]);
      const again = await archive.erase(1, u1, NOON + 2);
      expect(again).toMatchObject({ ids: ["a1", "u1"], removed: { archive: 0 } });
      await archive.recordErasure(1, again.keys, { ...nothing, done: false });
      expect((await archive.erase(1, u1, NOON + 3)).ids).toEqual(["a1", "u1"]);
      await archive.recordErasure(1, again.keys, nothing);
      expect((await archive.erase(1, u1, NOON + 4)).ids).toEqual([]);
    });
  });

  describe("an erasure beside writers", () => {
    it("removes or refuses every older event, keeps every newer one, and counts what it removed", async () => {
      const event = fc.record({ n: fc.nat({ max: 30 }), minute: fc.integer({ min: -3, max: 3 }) });
      const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 6 }), { maxLength: 6 });
      const erasures = fc.integer({ min: 1, max: 3 });
      await fc.assert(
        fc.asyncProperty(batches, erasures, fc.nat({ max: 6 }), async (given, times, place) => {
          const { archive } = await make();
          const events = new Map<string, SignalEvent>();
          const work: (() => Promise<unknown>)[] = given.map((batch) => {
            const made = batch.map(({ n, minute }) => {
              const id = `m${n}`;
              const one = viewed({ event_id: id, occurred_at: iso(NOON + minute * 60_000) });
              const known = events.get(id) ?? one;
              events.set(id, known);
              return known;
            });
            return () => archive.put(made);
          });
          for (let i = 0; i < times; i++) {
            work.splice(Math.min(place, work.length), 0, () => archive.erase(1, u1, NOON));
          }
          const answers = await Promise.all(work.map((run) => run()));
          // An event that occurred after the erasure may have been there when it ran: gone too.
          const left = await archive.eventsOf(1, u1, { limit: 100 });
          expect(left.filter(({ occurred_at }) => occurred_at <= iso(NOON))).toEqual([]);
          const inserted = answers
            .flatMap((answer) => (answer as { results?: { status: string }[] }).results ?? [])
            .filter(({ status }) => status === "inserted").length;
          const receipt = await archive.erasureOf(1, u1);
          expect(receipt?.removed.archive).toBe(inserted - left.length);
          // Afterwards: what is old or was erased dies, in any order, for good.
          const again = await archive.put([...events.values()]);
          const kept = new Set(left.map(({ event_id }) => event_id));
          for (const [index, { event_id, occurred_at }] of [...events.values()].entries()) {
            const status = again.results[index]?.status;
            if (occurred_at <= iso(NOON)) expect(status).toBe("erased");
            else if (kept.has(event_id)) expect(status).toBe("stored");
          }
        }),
        { numRuns: 15 },
      );
    });

    it("erasures of one person at one time count each event once", async () => {
      const { archive } = await make();
      await archive.put(Array.from({ length: 20 }, (_, n) => viewed({ event_id: `m${n}` })));
      const all = await Promise.all(
        Array.from({ length: 5 }, (_, n) => archive.erase(1, u1, NOON + n)),
      );
      expect(all.reduce((sum, { removed }) => sum + removed.archive, 0)).toBe(20);
      expect((await archive.erasureOf(1, u1))?.removed.archive).toBe(20);
    });
  });
}
