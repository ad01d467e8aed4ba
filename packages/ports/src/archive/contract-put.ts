import { describe, expect } from "vitest";

import type { SignalEvent } from "@signalpath/domain";

import { RefusedError } from "../errors.ts";
import {
  iso,
  keyOf,
  NOON,
  viewed,
  type MakeArchive,
  type Skip,
  testsBut,
} from "./contract-parts.ts";
import type { PutBatchResult } from "./port.ts";

const statuses = (put: PutBatchResult): string[] => put.results.map((result) => result.status);

/** Ids that break what builds SQL, keys or arrays out of text. */
export const HOSTILE_IDS = [
  `'; drop table events; --`,
  `{"a",NULL,\\"}`,
  `NULL`,
  `back\\slash \\u0000 \n\t`,
  `😀`.repeat(200),
  `é`.repeat(200),
  `𐀀\uffff`,
];

export function putTests(make: MakeArchive, skip: Skip): void {
  const it = testsBut(skip);

  describe("put", () => {
    it("an empty batch decides nothing", async () => {
      const { archive } = await make();
      expect(await archive.put([])).toEqual({ results: [], links: [], circles: 0 });
    });

    it("inserts once, and answers the stored copy after that", async () => {
      const { archive } = await make();
      const event = viewed({ event_id: "m1" });
      const first = await archive.put([event]);
      expect(first.results).toEqual([{ status: "inserted", event, owner: keyOf("u1") }]);
      const again = await archive.put([event]);
      expect(again.results).toEqual([{ status: "stored", event, owner: keyOf("u1") }]);
      expect(await archive.known(1, ["m1", "m2"])).toEqual(new Set(["m1"]));
    });

    it("the first copy of an id wins, also as to whose it is", async () => {
      const { archive } = await make();
      const event = viewed({ event_id: "m1" });
      await archive.put([event]);
      const other = viewed({ event_id: "m1", user_id: "u2", anonymous_id: "a2", item_id: "t2" });
      const put = await archive.put([other]);
      expect(put).toEqual({
        results: [{ status: "stored", event, owner: keyOf("u1") }],
        links: [],
        circles: 0,
      });
      expect(await archive.resolve(1, keyOf("a2", "anonymous"))).toBe(keyOf("a2", "anonymous"));
      expect(await archive.eventsOf(1, keyOf("u2"), { limit: 10 })).toEqual([]);
    });

    it("of two copies in one batch the earlier one is stored", async () => {
      const { archive } = await make();
      const event = viewed({ event_id: "m1" });
      const put = await archive.put([event, viewed({ event_id: "m1", item_id: "t2" })]);
      expect(statuses(put)).toEqual(["inserted", "stored"]);
      expect(put.results[1]).toEqual({ status: "stored", event, owner: keyOf("u1") });
    });

    it("keeps projects apart within one batch", async () => {
      const { archive } = await make();
      const events = [3, 1, 2].map((project_id) => viewed({ event_id: "m1", project_id }));
      const put = await archive.put(events);
      expect(put.results).toEqual(
        events.map((event) => ({
          status: "inserted",
          event,
          owner: keyOf("u1", "user", event.project_id),
        })),
      );
      const owner = keyOf("u1", "user", 2);
      expect(await archive.eventsOf(2, owner, { limit: 10 })).toEqual([events[2]]);
      expect(await archive.eventsOf(1, owner, { limit: 10 })).toEqual([]);
    });

    it("gives back every field and number as it came", async () => {
      const { archive } = await make();
      const event: SignalEvent = {
        ...viewed({ event_id: "m1", anonymous_id: "a1" }),
        dwell_ms: 0.1 + 0.2,
        value: 1.7976931348623157e308,
        rating: 5e-324,
        position: Number.MAX_SAFE_INTEGER,
        impressions: ["t1", "t,2", 't"3'],
        traits: { nul: "a\0b", half: "\ud800", deep: [{ b: 1, a: null }], "": "", __x: -1.5e-9 },
        location: { lat: -89.999999999, lon: 180 },
      };
      await archive.put([event]);
      const put = await archive.put([viewed({ event_id: "m1" })]);
      expect(put.results[0]).toEqual({ status: "stored", event, owner: keyOf("u1") });
    });

    it("takes hostile ids as data", async () => {
      const { archive, itemStats } = await make();
      const events = HOSTILE_IDS.map((id) =>
        viewed({ event_id: id, user_id: id, anonymous_id: id, item_id: id }),
      );
      expect(statuses(await archive.put(events))).toEqual(events.map(() => "inserted"));
      expect(await archive.known(1, [...HOSTILE_IDS, "other"])).toEqual(new Set(HOSTILE_IDS));
      for (const event of events) {
        const owner = keyOf(event.user_id ?? "");
        expect(await archive.eventsOf(1, owner, { limit: 9 })).toEqual([event]);
      }
      const counted = await itemStats.itemHours(1, 0);
      expect(new Set(counted.map((row) => row.item_id))).toEqual(new Set(HOSTILE_IDS));
    });

    it("refuses what no row can hold, and then stores nothing of the batch", async () => {
      const { archive, itemStats } = await make();
      const bad: Partial<SignalEvent>[] = [
        { event_id: "nul\0" },
        { event_id: "half \ud800" },
        { event_id: "x".repeat(201) },
        { item_id: "nul\0" },
        { user_id: "half \udc00" },
        { anonymous_id: "nul\0" },
        { occurred_at: "2026-02-30T12:00:00.000Z" },
        { occurred_at: "yesterday" },
        { user_id: undefined },
        { project_id: 2 ** 40 },
        { project_id: 0 },
      ];
      for (const change of bad) {
        const batch = [viewed({ event_id: "good" }), viewed({ event_id: "bad", ...change })];
        await expect(archive.put(batch)).rejects.toThrow(RefusedError);
      }
      expect(await archive.known(1, ["good", "bad"])).toEqual(new Set());
      expect(await itemStats.itemHours(1, 0)).toEqual([]);
    });

    it("what comes back is not what was handed in", async () => {
      const { archive } = await make();
      const event = viewed({ event_id: "m1", traits: { a: 1 } });
      await archive.put([event]);
      if (event.traits !== undefined) event.traits["a"] = 2;
      const put = await archive.put([event]);
      expect(put.results[0]).toMatchObject({ event: { traits: { a: 1 } } });
    });

    it("overlapping batches at once insert each event once", async () => {
      const { archive, itemStats } = await make();
      const events = Array.from({ length: 60 }, (_, n) =>
        viewed({
          event_id: `m${n}`,
          user_id: `u${n % 7}`,
          anonymous_id: `a${n % 5}`,
          item_id: `t${n % 4}`,
        }),
      );
      const batches = Array.from({ length: 8 }, (_, n) => {
        const batch = events.slice(n * 4, n * 4 + 30);
        return n % 2 === 0 ? batch : batch.toReversed();
      });
      const puts = await Promise.all(batches.map((batch) => archive.put(batch)));
      const inserted = puts.flatMap((put, n) =>
        put.results.flatMap((result, i) =>
          result.status === "inserted" ? [batches[n]?.[i]?.event_id] : [],
        ),
      );
      const all = new Set(batches.flat().map((event) => event.event_id));
      expect(inserted).toHaveLength(all.size);
      expect(new Set(inserted)).toEqual(all);
      const counted = await itemStats.itemHours(1, 0);
      expect(counted.reduce((sum, row) => sum + row.count, 0)).toBe(all.size);
    });

    it("order of arrival and clock of events are independent", async () => {
      const { archive } = await make();
      const late = viewed({ event_id: "late", occurred_at: iso(NOON + 60_000) });
      const early = viewed({ event_id: "early", occurred_at: iso(NOON - 60_000) });
      await archive.put([late]);
      await archive.put([early]);
      expect(await archive.eventsOf(1, keyOf("u1"), { limit: 9 })).toEqual([late, early]);
    });

    it("answers that it is there", async () => {
      const { archive } = await make();
      await expect(archive.check()).resolves.toBeUndefined();
    });
  });
}
