import { createItemViews, hash32, type ContentItem } from "@signalpath/domain";
import { createMemoryContentStore, type ContentFilter } from "@signalpath/ports";
import fc from "fast-check";
import { expect, test } from "vitest";

import { passesFilter } from "./passes-filter.ts";

const NOW = Date.UTC(2026, 5, 12, 12);
const ids = fc.constantFrom("a", "b", "c", "d");
const time = fc
  .integer({ min: -2, max: 2 })
  .map((h) => new Date(NOW + h * 3_600_000).toISOString());
const degrees = fc.integer({ min: -3, max: 3 });
const label = fc.constantFrom("Tea", "tea ", "milk");

const item = fc
  .record(
    {
      item_id: ids,
      title: fc.constant("t"),
      tags: fc.array(fc.record({ facet: fc.constant("f"), label }), { maxLength: 2 }),
      published_at: time,
      expires_at: time,
      place: fc.record({ lat: degrees, lon: degrees }),
    },
    { requiredKeys: ["item_id", "title", "tags"] },
  )
  .map(({ place, ...rest }): ContentItem => ({ ...rest, ...place }));

const filter = fc
  .record(
    {
      seen: fc.array(ids, { maxLength: 1 }).map((seen) => new Set(seen.map(hash32))),
      exclude: fc.array(ids, { maxLength: 1 }).map((list) => new Set(list)),
      tag: fc.constantFrom("f:tea", "f:milk"),
      within: fc.record({
        point: fc.record({ lat: degrees, lon: degrees }),
        radiusM: fc.constantFrom(1, 120_000, 400_000),
      }),
    },
    { requiredKeys: [] },
  )
  .map((parts): ContentFilter => ({ ...parts, nowMs: NOW }));

test("items asked for by id meet the same filter as items that were searched", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(item, { selector: (one) => one.item_id, maxLength: 4 }),
      filter,
      async (items, asked) => {
        const store = createMemoryContentStore();
        const views = createItemViews();
        await store.upsert(1, items);
        const searched = await store.newest(1, 10, asked);
        const passed = items.filter((one) => passesFilter(views.view(one), asked));
        expect(passed.map((one) => one.item_id).toSorted()).toEqual(
          searched.map((one) => one.item.item_id).toSorted(),
        );
      },
    ),
    { numRuns: 300 },
  );
});
