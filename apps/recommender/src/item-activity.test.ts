import type { ContentItem } from "@signalpath/domain";
import type { ItemHour } from "@signalpath/ports";
import type { ItemStatsSnapshot } from "@signalpath/service-kit";
import { describe, expect, it } from "vitest";

import { createItemActivity } from "./item-activity.ts";

const HOUR_MS = 3_600_000;
const NOW_HOUR = 500_000;
const items: ContentItem[] = [
  { item_id: "a", title: "A", tags: [] },
  { item_id: "b", title: "B", tags: [] },
];

function world(hours: ItemHour[], isRead = true) {
  const snapshot: ItemStatsSnapshot = {
    revision: 1,
    tickMs: 0,
    signals: new Map(),
    hours: (itemId) => hours.filter(({ item_id }) => item_id === itemId),
    neighbours: () => [
      { item_id: "b", similarity: 0.5 },
      { item_id: "gone", similarity: 0.2 },
    ],
    neighboursComputedAt: undefined,
  };
  return createItemActivity({
    content: { get: async (_, ids) => items.filter(({ item_id }) => ids.includes(item_id)) },
    stats: { snapshot: () => (isRead ? snapshot : undefined) },
    now: () => NOW_HOUR * HOUR_MS + 1_000,
  });
}

describe("item activity", () => {
  it("counts the item's own hours, the running one last", async () => {
    const answer = await world([
      { item_id: "a", hour: NOW_HOUR, event_class: "view", count: 3 },
      { item_id: "a", hour: NOW_HOUR - 1, event_class: "positive", count: 2 },
      { item_id: "b", hour: NOW_HOUR, event_class: "view", count: 9 },
    ])(1, "a");
    expect(answer.hours).toHaveLength(168);
    expect(answer.hours.at(-1)).toMatchObject({ view: 3, positive: 0 });
    expect(answer.hours.at(-2)).toMatchObject({ view: 0, positive: 2 });
    expect(answer.totals).toEqual({ served: 0, view: 3, positive: 2, negative: 0 });
  });

  it("leaves out hours before its window", async () => {
    const old: ItemHour = { item_id: "a", hour: NOW_HOUR - 168, event_class: "view", count: 3 };
    expect((await world([old])(1, "a")).totals.view).toBe(0);
  });

  it("names its neighbours, also one that left the catalogue", async () => {
    expect((await world([])(1, "a")).neighbours).toEqual([
      { item_id: "b", title: "B", similarity: 0.5 },
      { item_id: "gone", title: null, similarity: 0.2 },
    ]);
  });

  it("knows no other item, and says when nothing was read yet", async () => {
    await expect(world([])(1, "x")).rejects.toMatchObject({ code: "ITEM_NOT_FOUND" });
    await expect(world([], false)(1, "a")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});
