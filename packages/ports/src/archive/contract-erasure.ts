import { describe, expect } from "vitest";

import { RETENTION_MS } from "@signalpath/contracts";

import type { NewDeadLetter } from "../dead-letters/port.ts";
import {
  identified,
  iso,
  keyOf,
  NOON,
  viewed,
  type MakeArchive,
  type Skip,
  testsBut,
} from "./contract-parts.ts";

const device = (id: string) => keyOf(id, "anonymous");

export function erasureTests(make: MakeArchive, skip: Skip): void {
  const it = testsBut(skip);

  describe("erase", () => {
    it("forgets a person and all that is linked to it, and nobody else", async () => {
      const { archive, deadLetters } = await make();
      const letter = (
        code: string,
        keys: Partial<NewDeadLetter>,
        projectId = 1,
      ): NewDeadLetter => ({
        projectId,
        app: "ingest-webhook",
        code,
        detail: "",
        receivedAt: iso(NOON),
        body: "{}",
        truncated: false,
        ...keys,
      });
      await deadLetters.put([
        letter("A", { userKey: keyOf("u1") }),
        letter("B", { anonymousKey: device("a1") }),
        letter("C", { userKey: keyOf("u2"), anonymousKey: device("a2") }),
        letter("D", {}),
        letter("E", { userKey: keyOf("u1") }, 2),
      ]);
      await archive.put([
        viewed({ event_id: "m1", user_id: undefined, anonymous_id: "a1" }),
        identified("m2", { user_id: "u1", anonymous_id: "a1" }),
        viewed({ event_id: "m3", is_bot: true }),
        viewed({ event_id: "m4", user_id: "u2" }),
        viewed({ event_id: "m5", project_id: 2 }),
      ]);
      const receipt = await archive.erase(1, device("a1"), NOON + 1);
      expect(receipt).toEqual({
        keys: [keyOf("u1"), device("a1")],
        ids: ["a1", "u1"],
        erasedAt: iso(NOON + 1),
        removed: { archive: 3, dead_letters: 2, experiments: 0 },
      });
      expect(await archive.known(1, ["m1", "m2", "m3", "m4"])).toEqual(new Set(["m4"]));
      expect(await archive.known(2, ["m5"])).toEqual(new Set(["m5"]));
      const left = await deadLetters.list(1, { limit: 10 });
      expect(left.letters.map(({ code }) => code).toSorted()).toEqual(["C", "D"]);
      expect((await deadLetters.list(2, { limit: 10 })).letters).toHaveLength(1);
      // The link outlives its ends: later events of the device are still the user's.
      expect(await archive.resolve(1, device("a1"))).toBe(keyOf("u1"));
    });

    it("older events die, newer ones start afresh", async () => {
      const { archive, itemStats } = await make();
      await archive.put([identified("m1", { user_id: "u1", anonymous_id: "a1" })]);
      await archive.erase(1, keyOf("u1"), NOON);
      const put = await archive.put([
        viewed({ event_id: "older", occurred_at: iso(NOON - 1) }),
        viewed({ event_id: "same", occurred_at: iso(NOON) }),
        viewed({ event_id: "device", user_id: undefined, anonymous_id: "a1" }),
        viewed({ event_id: "newer", occurred_at: iso(NOON + 1) }),
        viewed({ event_id: "stranger", user_id: "u2" }),
      ]);
      expect(put.results.map((result) => result.status)).toEqual([
        "erased",
        "erased",
        "erased",
        "inserted",
        "inserted",
      ]);
      expect(await archive.known(1, ["older", "same", "device"])).toEqual(new Set());
      const counted = await itemStats.itemHours(1, 0);
      expect(counted.reduce((sum, row) => sum + row.count, 0)).toBe(2);
    });

    it("an id that was linked after the erasure brings no older events back", async () => {
      const { archive } = await make();
      await archive.put([viewed({ event_id: "m1" })]);
      await archive.erase(1, keyOf("u1"), NOON);
      const late = { user_id: "u1", anonymous_id: "a9" };
      await archive.put([{ ...identified("m2", late), occurred_at: iso(NOON + 5) }]);
      const put = await archive.put([
        viewed({ event_id: "m3", user_id: undefined, anonymous_id: "a9" }),
      ]);
      expect(put.results).toEqual([{ status: "erased" }]);
    });

    it("a forbidden event proposes no link", async () => {
      const { archive } = await make();
      await archive.erase(1, keyOf("u1"), NOON);
      const put = await archive.put([identified("m1", { user_id: "u1", anonymous_id: "a1" })]);
      expect(put).toEqual({ results: [{ status: "erased" }], links: [], circles: 0 });
    });

    it("an erased id dies for 30 days, whatever the clock of its redelivery says", async () => {
      const { archive, clock } = await make();
      await archive.put([viewed({ event_id: "m1", occurred_at: iso(NOON + 1_000) })]);
      clock.set(NOON);
      await archive.erase(1, keyOf("u1"), NOON);
      const again = viewed({ event_id: "m1", occurred_at: iso(NOON + 60_000) });
      clock.set(NOON + RETENTION_MS - 1);
      expect((await archive.put([again])).results).toEqual([{ status: "erased" }]);
      const elsewhere = viewed({ event_id: "m1", project_id: 2 });
      expect((await archive.put([elsewhere])).results[0]?.status).toBe("inserted");
      clock.set(NOON + RETENTION_MS + 1);
      expect((await archive.put([again])).results[0]?.status).toBe("inserted");
    });

    it("repeating it repeats the deletes and never moves the date back", async () => {
      const { archive } = await make();
      await archive.put([viewed({ event_id: "m1" })]);
      await archive.erase(1, keyOf("u1"), NOON + 1_000);
      await archive.put([viewed({ event_id: "m2", occurred_at: iso(NOON + 2_000) })]);
      const again = await archive.erase(1, keyOf("u1"), NOON + 500);
      expect(again).toMatchObject({ keys: [keyOf("u1")], removed: { archive: 1 } });
      const put = await archive.put([viewed({ event_id: "m3", occurred_at: iso(NOON + 900) })]);
      expect(put.results).toEqual([{ status: "erased" }]);
      const nobody = await archive.erase(1, keyOf("nobody"), NOON);
      expect(nobody.removed).toEqual({ archive: 0, dead_letters: 0, experiments: 0 });
    });

    it("no event slips past an erasure that runs beside it", async () => {
      const { archive } = await make();
      const batches = Array.from({ length: 12 }, (_, n) =>
        Array.from({ length: 10 }, (_, i) => viewed({ event_id: `m${n}-${i}` })),
      );
      const work: Promise<unknown>[] = batches.slice(0, 6).map((batch) => archive.put(batch));
      work.push(archive.erase(1, keyOf("u1"), NOON));
      work.push(...batches.slice(6).map((batch) => archive.put(batch)));
      await Promise.all(work);
      expect(await archive.eventsOf(1, keyOf("u1"), { limit: 2_000 })).toEqual([]);
    });
  });
}
