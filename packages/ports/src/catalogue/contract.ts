import { describe, expect } from "vitest";

import type { ContentItem } from "@signalpath/domain";

import { testsBut, type Skip } from "../archive/contract-parts.ts";
import { RefusedError } from "../errors.ts";
import type { Catalogue, CatalogueRow } from "./port.ts";

function item(item_id: string, changes: Partial<ContentItem> = {}): ContentItem {
  return { item_id, title: `Title of ${item_id}`, tags: [], ...changes };
}

/** Every promise of `Catalogue`. `make` answers an empty one. */
export function catalogueContract(make: () => Promise<Catalogue>, skip: Skip = {}): void {
  const it = testsBut(skip);

  describe("Catalogue", () => {
    it("gives back what was put, in the order asked", async () => {
      const catalogue = await make();
      const full = item("t1", {
        text: `quotes " ' \\u0000 and 😀`,
        tags: [
          { facet: "topic", label: "Forced Labor", weight: 0.1 + 0.2 },
          { facet: "a", label: "b" },
        ],
        word_count: 1_000,
        has_image: false,
        lat: 52.12345678901234,
        lon: -9.9,
        vector: [0.1, -1e-12, 3.4028234663852886e38],
        published_at: "2026-01-01T00:00:00.000Z",
        metadata: { "": null, nested: { list: [1, "2", true] } },
      });
      const put = await catalogue.put(1, [full, item("t2")]);
      expect(put).toEqual({ upserted: ["t1", "t2"], unchanged: 0, version: 1 });
      expect(await catalogue.get(1, ["t2", "none", "t1", "t2"])).toEqual([item("t2"), full]);
      expect(await catalogue.get(2, ["t1"])).toEqual([]);
      await expect(catalogue.check()).resolves.toBeUndefined();
    });

    it("leaves equal items alone and raises the version only for a change", async () => {
      const catalogue = await make();
      expect(await catalogue.version(1)).toBe(0);
      expect(await catalogue.put(1, [])).toEqual({ upserted: [], unchanged: 0, version: 0 });
      await catalogue.put(1, [item("t1", { metadata: { a: 1, b: 2 } }), item("t2")]);
      const same = await catalogue.put(1, [
        item("t1", { metadata: { b: 2, a: 1 }, text: undefined }),
        item("t2"),
      ]);
      expect(same).toEqual({ upserted: [], unchanged: 2, version: 1 });
      const other = await catalogue.put(1, [
        item("t2", { title: "New" }),
        item("t1", { metadata: { a: 1, b: 2 } }),
      ]);
      expect(other).toEqual({ upserted: ["t2"], unchanged: 1, version: 2 });
      expect(await catalogue.version(1)).toBe(2);
      expect(await catalogue.version(2)).toBe(0);
    });

    it("of two copies in one call the later one stands", async () => {
      const catalogue = await make();
      const put = await catalogue.put(1, [item("t1", { title: "A" }), item("t1", { title: "B" })]);
      expect(put).toEqual({ upserted: ["t1"], unchanged: 0, version: 1 });
      expect(await catalogue.get(1, ["t1"])).toEqual([item("t1", { title: "B" })]);
    });

    it("removes once, and a put brings an item back", async () => {
      const catalogue = await make();
      await catalogue.put(1, [item("t1"), item("t2")]);
      expect(await catalogue.remove(1, ["t1", "none", "t1"])).toEqual({
        removed: ["t1"],
        version: 2,
      });
      expect(await catalogue.remove(1, ["t1"])).toEqual({ removed: [], version: 2 });
      expect(await catalogue.get(1, ["t1", "t2"])).toEqual([item("t2")]);
      const back = await catalogue.put(1, [item("t1")]);
      expect(back).toEqual({ upserted: ["t1"], unchanged: 0, version: 3 });
      expect(await catalogue.get(1, ["t1"])).toEqual([item("t1")]);
    });

    it("tells changes in the order of version and item id, removals included", async () => {
      const catalogue = await make();
      await catalogue.put(
        1,
        ["b", "😀", "a", "\uffff", "Z"].map((id) => item(id)),
      );
      await catalogue.put(1, [item("a", { title: "New" })]);
      await catalogue.remove(1, ["b"]);
      await catalogue.put(2, [item("elsewhere")]);
      const all = await catalogue.changes(1, { after: 0, limit: 100 });
      expect(all.map(({ item, version, removed }) => [item.item_id, version, removed])).toEqual([
        ["Z", 1, false],
        ["\uffff", 1, false],
        ["😀", 1, false],
        ["a", 2, false],
        ["b", 3, true],
      ]);
      expect(await catalogue.changes(1, { after: 2, limit: 100 })).toEqual(all.slice(4));
      const paged: CatalogueRow[] = [];
      for (;;) {
        const last = paged.at(-1);
        const place =
          last === undefined
            ? { after: 0 }
            : { after: last.version, afterItemId: last.item.item_id };
        const page = await catalogue.changes(1, { ...place, limit: 2 });
        if (page.length === 0) break;
        paged.push(...page);
      }
      expect(paged).toEqual(all);
    });

    it("refuses vectors of another length, and then changes nothing", async () => {
      const catalogue = await make();
      await expect(
        catalogue.put(1, [item("a", { vector: [1, 2] }), item("b", { vector: [1, 2, 3] })]),
      ).rejects.toThrow(RefusedError);
      await catalogue.put(1, [item("a", { vector: [1, 2] }), item("b")]);
      await expect(catalogue.put(1, [item("c"), item("b", { vector: [1, 2, 3] })])).rejects.toThrow(
        RefusedError,
      );
      expect(await catalogue.version(1)).toBe(1);
      expect(await catalogue.get(1, ["b", "c"])).toEqual([item("b")]);
      // Another project, or all vectors of this one replaced at once, may have another length.
      await catalogue.put(2, [item("a", { vector: [1, 2, 3] })]);
      await catalogue.put(1, [item("a", { vector: [1, 2, 3] })]);
      await catalogue.remove(1, ["a"]);
      await catalogue.put(1, [item("b", { vector: [1, 2] })]);
      expect(await catalogue.version(1)).toBe(4);
    });

    it("refuses what no row can hold and takes hostile ids as data", async () => {
      const catalogue = await make();
      const bad = [
        item("nul\0"),
        item(""),
        item("x".repeat(201)),
        item("a", { title: "nul\0" }),
        item("a", { metadata: { "half\ud800": 1 } }),
      ];
      for (const each of bad) {
        await expect(catalogue.put(1, [item("good"), each])).rejects.toThrow(RefusedError);
      }
      expect(await catalogue.version(1)).toBe(0);
      const hostile = [`'; drop table x; --`, `{"a",NULL}`, `\\`, `😀`.repeat(200)].map((id) =>
        item(id),
      );
      await catalogue.put(1, hostile);
      expect(
        await catalogue.get(
          1,
          hostile.map(({ item_id }) => item_id),
        ),
      ).toEqual(hostile);
    });

    it("writers at once get versions one after the other", async () => {
      const catalogue = await make();
      const puts = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          catalogue.put(1, [item(`own${n}`), item("shared", { title: `${n}` })]),
        ),
      );
      expect(puts.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
      ]);
      const all = await catalogue.changes(1, { after: 0, limit: 100 });
      expect(all).toHaveLength(11);
      const last = puts.findIndex(({ version }) => version === 10);
      expect(await catalogue.get(1, ["shared"])).toEqual([item("shared", { title: `${last}` })]);
    });

    it("reads at most 2,000 rows at once", async () => {
      const catalogue = await make();
      const items = Array.from({ length: 2_050 }, (_, n) => item(`t${n}`));
      expect((await catalogue.put(1, items)).upserted).toHaveLength(2_050);
      expect(await catalogue.changes(1, { after: 0, limit: 9_999 })).toHaveLength(2_000);
      const ids = items.map(({ item_id }) => item_id);
      expect(await catalogue.get(1, ids)).toEqual(items);
    });
  });
}
