import { describe, expect } from "vitest";

import {
  iso,
  NOON,
  viewed,
  type MakeArchive,
  type Skip,
  testsBut,
} from "../archive/contract-parts.ts";
import type { NeighbourRow } from "./port.ts";

const HOUR_MS = 3_600_000;
const HOUR = NOON / HOUR_MS;

/** Every promise of `ItemStats`, and of the archive as the one that counts. */
export function itemStatsContract(make: MakeArchive, skip: Skip = {}): void {
  const it = testsBut(skip);

  describe("ItemStats", () => {
    it("counts what was really inserted, once, by class and hour of the event", async () => {
      const { archive, itemStats } = await make();
      const at = (ms: number): string => iso(NOON + ms);
      const events = [
        viewed({ event_id: "1" }),
        viewed({ event_id: "2", occurred_at: at(HOUR_MS - 1) }),
        viewed({ event_id: "3", occurred_at: at(HOUR_MS) }),
        viewed({ event_id: "4", kind: "served" }),
        viewed({ event_id: "5", kind: "feedback", reaction: "like" }),
        viewed({ event_id: "6", kind: "feedback", reaction: "dismiss" }),
        viewed({ event_id: "7", kind: "feedback", reaction: "rating", rating: 5 }),
        viewed({ event_id: "8", kind: "feedback", reaction: "snooze" }),
        viewed({ event_id: "9", kind: "search", item_id: undefined }),
      ];
      await archive.put([...events, viewed({ event_id: "1" })]);
      await archive.put(events);
      const row = { item_id: "t1", hour: HOUR };
      expect(await itemStats.itemHours(1, 0)).toEqual([
        { ...row, event_class: "negative", count: 1 },
        { ...row, event_class: "positive", count: 2 },
        { ...row, event_class: "served", count: 1 },
        { ...row, event_class: "view", count: 2 },
        { ...row, hour: HOUR + 1, event_class: "view", count: 1 },
      ]);
      expect(await itemStats.itemHours(1, HOUR + 1)).toHaveLength(1);
      expect(await itemStats.itemHours(2, 0)).toEqual([]);
    });

    it("leaves bots out", async () => {
      const { archive, itemStats } = await make();
      await archive.put([viewed({ event_id: "1", is_bot: true })]);
      expect(await itemStats.itemHours(1, 0)).toEqual([]);
    });

    it("reads more rows than one page", async () => {
      const { archive, itemStats } = await make();
      const events = Array.from({ length: 2_050 }, (_, n) =>
        viewed({ event_id: `m${n}`, item_id: `t${n}` }),
      );
      await archive.put(events);
      const rows = await itemStats.itemHours(1, 0);
      expect(new Set(rows.map((row) => row.item_id)).size).toBe(2_050);
      expect(rows).toHaveLength(2_050);
    });

    it("replaces a project's neighbours as a whole, and answers only what is newer", async () => {
      const { itemStats } = await make();
      const row = (item_id: string, ...ids: string[]): NeighbourRow => ({
        item_id,
        neighbours: ids.map((id, n) => ({ item_id: id, similarity: 1 / (n + 3) })),
      });
      expect(await itemStats.neighbours(1)).toBeUndefined();
      const many = Array.from({ length: 2_050 }, (_, n) => row(`x${n}`, "a"));
      await itemStats.replaceNeighbours(1, [...many, row("😀'", 'q"uote', "b")], iso(NOON));
      const first = await itemStats.neighbours(1);
      expect(first?.computedAt).toBe(iso(NOON));
      expect(first?.rows).toHaveLength(2_051);
      expect(first?.rows).toContainEqual(row("😀'", 'q"uote', "b"));
      expect(await itemStats.neighbours(1, iso(NOON))).toBeUndefined();
      await itemStats.replaceNeighbours(1, [row("b", "a"), row("a", "b")], iso(NOON + 1));
      expect(await itemStats.neighbours(1, iso(NOON))).toEqual({
        computedAt: iso(NOON + 1),
        rows: [row("a", "b"), row("b", "a")],
      });
      await itemStats.replaceNeighbours(1, [], iso(NOON + 2));
      expect(await itemStats.neighbours(1)).toEqual({ computedAt: iso(NOON + 2), rows: [] });
      expect(await itemStats.neighbours(2)).toBeUndefined();
    });

    it("a reader never sees two tables at once", async () => {
      const { itemStats } = await make();
      const table = (mark: string): NeighbourRow[] =>
        Array.from({ length: 2_100 }, (_, n) => ({
          item_id: `t${n}`,
          neighbours: [{ item_id: mark, similarity: 1 }],
        }));
      await itemStats.replaceNeighbours(1, table("0"), iso(NOON));
      const reads = Promise.all([0, 1, 2].map(() => itemStats.neighbours(1)));
      await Promise.all([
        itemStats.replaceNeighbours(1, table("1"), iso(NOON + 1)),
        itemStats.replaceNeighbours(1, table("2"), iso(NOON + 2)),
      ]);
      for (const read of [...(await reads), await itemStats.neighbours(1)]) {
        expect(read?.rows).toHaveLength(2_100);
        expect(new Set(read?.rows.map((row) => row.neighbours[0]?.item_id)).size).toBe(1);
      }
    });
  });
}
