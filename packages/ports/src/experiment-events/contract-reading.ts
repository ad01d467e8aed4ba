import { describe, expect, test } from "vitest";

import { emptySums } from "@signalpath/domain";

import {
  CLICKS,
  converted,
  DAY,
  EXPERIMENT,
  exposed,
  HOUR,
  iso,
  NOON,
  RATIO,
  REVENUE,
  slotEvent,
  type MakeExperimentEvents,
} from "./under-test.ts";

export function readingTests(make: MakeExperimentEvents): void {
  describe("ExperimentEvents reads", () => {
    test("conversions inside the window of the first exposure, both ends included", async () => {
      const { events } = await make();
      await events.recordExposures(1, [exposed(), exposed({ unit: "u2", variation_index: 1 })]);
      const times = [-1, 0, DAY, DAY + 1];
      await events.recordConversions(
        1,
        times.map((ms) =>
          converted({
            dedup_key: `k:${ms}`,
            metric: "purchase",
            value: 2 ** (times.indexOf(ms) + 1),
            occurred_at: iso(NOON + ms),
          }),
        ),
      );
      await events.recordConversions(1, [
        converted({ dedup_key: "k:no", unit: "nobody", metric: "purchase" }),
      ]);
      const totals = await events.totals({ experiment_id: EXPERIMENT, metrics: [REVENUE, CLICKS] });
      expect(totals.arms).toEqual([
        {
          variation_index: 0,
          is_bot: false,
          n: 1,
          sums: [
            { ...emptySums(0), n: 1, sum: 12, sum_squares: 144 },
            { ...emptySums(0), n: 1 },
          ],
        },
        {
          variation_index: 1,
          is_bot: false,
          n: 1,
          sums: [
            { ...emptySums(1), n: 1 },
            { ...emptySums(1), n: 1 },
          ],
        },
      ]);
      const early = await events.totals({
        experiment_id: EXPERIMENT,
        metrics: [REVENUE],
        at: iso(NOON + HOUR),
      });
      expect(early.arms[0]?.sums[0]?.sum).toBe(4);
      const none = { experiment_id: EXPERIMENT, metrics: [], at: iso(NOON - 1) };
      expect((await events.totals(none)).arms).toEqual([]);
    });

    test("kinds: whether, how much, how much an other, and what was before", async () => {
      const { events } = await make();
      await events.recordExposures(1, [exposed()]);
      const buy = { metric: "purchase", value: 3 };
      await events.recordConversions(1, [
        converted({ dedup_key: "1" }),
        converted({ dedup_key: "2" }),
        converted({ dedup_key: "3", ...buy }),
        converted({ dedup_key: "4", ...buy, value: 0.5, keyed: false }),
        converted({ dedup_key: "5", ...buy, value: 4, occurred_at: iso(NOON - HOUR) }),
        converted({ dedup_key: "6", ...buy, value: 9, occurred_at: iso(NOON - HOUR - 1) }),
        converted({ dedup_key: "7", ...buy, value: 99, is_bot: true }),
      ]);
      const metrics = [CLICKS, { ...REVENUE, pre_ms: HOUR }, RATIO];
      const { arms, without_key } = await events.totals({ experiment_id: EXPERIMENT, metrics });
      const base = { ...emptySums(0), n: 1 };
      expect(arms[0]?.sums).toEqual([
        { ...base, sum: 1, sum_squares: 1 },
        {
          ...base,
          sum: 3.5,
          sum_squares: 12.25,
          pre_sum: 4,
          pre_sum_squares: 16,
          pre_product_sum: 14,
        },
        {
          ...base,
          sum: 3.5,
          sum_squares: 12.25,
          denominator_sum: 2,
          denominator_sum_squares: 4,
          product_sum: 7,
        },
      ]);
      expect(without_key).toBe(1);
    });

    test("bots apart from people, flips of people", async () => {
      const { events } = await make();
      await events.recordExposures(1, [
        exposed({ is_bot: true }),
        exposed({ unit: "u2" }),
        exposed({ unit: "u2", variation_index: 1, occurred_at: iso(NOON + 1) }),
      ]);
      await events.recordExposures(1, [exposed()]);
      const { arms, flipped } = await events.totals({ experiment_id: EXPERIMENT, metrics: [] });
      expect(arms.map(({ is_bot, n }) => [is_bot, n])).toEqual([
        [false, 1],
        [true, 1],
      ]);
      expect(flipped).toBe(1);
      expect((await events.ingestion(EXPERIMENT)).bots_total).toBe(1);
    });

    test.each([
      ["binary", CLICKS],
      ["mean", REVENUE],
      ["ratio", RATIO],
    ] as const)("days of a %s metric add up to its totals", async (_, spec) => {
      const { events } = await make();
      const units = ["u1", "u2", "u3", "u4"];
      await events.recordExposures(
        1,
        units.map((unit, n) =>
          exposed({ unit, variation_index: n % 2, occurred_at: iso(NOON + n * 10 * HOUR) }),
        ),
      );
      await events.recordConversions(
        1,
        Array.from({ length: 40 }, (_, n) =>
          converted({
            dedup_key: `${n}`,
            unit: units[n % 4] as string,
            metric: n % 3 === 0 ? "click" : "purchase",
            value: (n % 7) + 0.5,
            occurred_at: iso(NOON + n * HOUR),
          }),
        ),
      );
      const long = { ...spec, window_ms: 2 * DAY };
      const days = await events.days({
        experiment_id: EXPERIMENT,
        metric: long,
        include_bots: false,
      });
      expect(new Set(days.map(({ day }) => day)).size).toBeGreaterThan(1);
      const added = new Map<number, Record<string, number>>();
      for (const { sums } of days) {
        const sum = added.get(sums.index) ?? {};
        added.set(sums.index, sum);
        for (const [name, value] of Object.entries(sums)) sum[name] = (sum[name] ?? 0) + value;
      }
      const { arms } = await events.totals({ experiment_id: EXPERIMENT, metrics: [long] });
      for (const arm of arms) {
        const { index: _i, ...numbers } = arm.sums[0] as NonNullable<(typeof arm.sums)[0]>;
        expect(added.get(arm.variation_index)).toMatchObject(numbers);
      }
      expect(arms.some((arm) => (arm.sums[0]?.sum ?? 0) > 0)).toBe(true);
      const [first] = days;
      expect(first?.day).toBe(iso(NOON).slice(0, 10));
      const one = { experiment_id: EXPERIMENT, metric: long, include_bots: true, at: iso(NOON) };
      expect((await events.days(one)).map(({ sums }) => sums.n)).toEqual([1]);
    });

    test("slots: a request converts once, and only where it was shown in the same time", async () => {
      const { events } = await make();
      const click = (changes: Parameters<typeof slotEvent>[0] & { dedup_key: string }) =>
        slotEvent({ event_type: "click", ...changes });
      await events.recordSlotEvents(1, [
        slotEvent(),
        slotEvent({ request_id: "r2", user_id: "u2" }),
        slotEvent({ dedup_key: "k:n1", request_id: null, user_id: "u3" }),
        slotEvent({ dedup_key: "k:n2", request_id: null, user_id: "u3" }),
        slotEvent({ request_id: "old", occurred_at: iso(NOON - HOUR - 1) }),
        slotEvent({ request_id: "bot", is_bot: true }),
        click({ dedup_key: "k:1" }),
        click({ dedup_key: "k:2" }),
        click({ dedup_key: "k:3", event_type: "purchase" }),
        click({ dedup_key: "k:4", request_id: "r2", event_type: "purchase" }),
        click({ dedup_key: "k:5", request_id: "old" }),
        click({ dedup_key: "k:6", request_id: null }),
        click({ dedup_key: "k:7", slot_id: 2 }),
      ]);
      const from = iso(NOON - HOUR);
      expect(await events.slotTotals(1, [2, 1], from, iso(NOON))).toEqual([
        { slot_id: 2, impressions: 0, users: 0, clicks: 0, purchases: 0, conversions: 0 },
        { slot_id: 1, impressions: 4, users: 3, clicks: 1, purchases: 2, conversions: 2 },
      ]);
      const [wider] = await events.slotTotals(1, [1], iso(NOON - DAY), iso(NOON));
      expect(wider).toMatchObject({ impressions: 5, clicks: 2 });
      const [other] = await events.slotTotals(2, [1], from, iso(NOON));
      expect(other).toMatchObject({ impressions: 0, conversions: 0 });
    });
  });
}
