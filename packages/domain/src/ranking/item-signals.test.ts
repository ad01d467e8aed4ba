import fc from "fast-check";
import { expect, test } from "vitest";

import { type ItemHourCount, itemSignals } from "./item-signals.ts";

const NOW_HOUR = 494_796;
const nowMs = NOW_HOUR * 3_600_000;
const row = (
  item_id: string,
  hoursAgo: number,
  event_class: ItemHourCount["event_class"],
  count = 1,
): ItemHourCount => ({ item_id, hour: NOW_HOUR - hoursAgo, event_class, count });

test("what happens now trends above what happened more often before", () => {
  const signals = itemSignals(
    [row("now", 1, "view", 10), row("last week", 160, "view", 12)],
    nowMs,
  );
  expect(signals.get("now")?.trend).toBe(1);
  expect(signals.get("last week")!.trend).toBeLessThan(0.5);
});

test("quality is drawn to the project's rate until there is evidence", () => {
  const rows = [
    row("one lucky view", 5, "view", 1),
    row("one lucky view", 5, "positive", 1),
    row("proven", 5, "view", 100),
    row("proven", 5, "positive", 80),
    row("disliked", 5, "negative", 50),
  ];
  const signals = itemSignals(rows, nowMs);
  const rate = 81 / 151;
  expect(signals.get("one lucky view")!.quality).toBeCloseTo((1 + 10 * rate) / 11);
  expect(signals.get("proven")!.quality).toBeCloseTo((80 + 10 * rate) / 110);
  expect(signals.get("disliked")!.quality).toBeCloseTo((10 * rate) / 60);
});

test("what was only shown is known, but neither trends nor is popular", () => {
  const signals = itemSignals([row("shown", 1, "served", 50), row("liked", 1, "positive")], nowMs);
  expect(signals.get("shown")).toMatchObject({ trend: 0, popularity: 0 });
  expect(signals.get("liked")).toMatchObject({ trend: 1, popularity: 1 });
});

test("no rows, no signals; a row of the coming hour counts as now", () => {
  expect(itemSignals([], nowMs).size).toBe(0);
  expect(itemSignals([row("a", -2, "view")], nowMs).get("a")?.trend).toBe(1);
});

test("every value lies in [0, 1] and rows may come in any order, to the bit", () => {
  const rows = fc.array(
    fc
      .record({
        id: fc.constantFrom("a", "b", "c"),
        ago: fc.integer({ min: -1, max: 200 }),
        kind: fc.constantFrom<ItemHourCount["event_class"][]>(
          "served",
          "view",
          "positive",
          "negative",
        ),
        count: fc.integer({ min: 1, max: 5_000 }),
      })
      .map(({ id, ago, kind, count }) => row(id, ago, kind, count)),
    { maxLength: 40 },
  );
  const shuffled = rows.chain((own) =>
    fc.tuple(
      fc.constant(own),
      fc.shuffledSubarray(own, { minLength: own.length, maxLength: own.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([own, other]) => {
      const signals = itemSignals(own, nowMs + 1_234_567);
      for (const item of signals.values()) {
        for (const value of Object.values(item) as number[]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }
      const again = itemSignals(other, nowMs + 1_234_567);
      for (const [id, item] of signals) expect(again.get(id)).toEqual(item);
    }),
  );
});
